import type { Listener } from '../sandbox.ts';
import type { PortChoice } from './choices.ts';
import type { Forwarded } from './forwarding.ts';
import type { Publication } from './publications.ts';

/** One port of a sandbox as it is shown. */
export interface PortRow {
  readonly port: number;
  /** Name of the program that listens, as the sandbox tells it, made fit to be shown. */
  readonly program?: string;
  /** A program listens on it now. */
  readonly isListening: boolean;
  /** What a person calls it. */
  readonly label?: string;
  /** Local port that a person chose. */
  readonly chosenPort?: number;
  /** Where it is forwarded to now: name and port of this machine. */
  readonly local?: Pick<Forwarded, 'authority' | 'localPort'>;
  /** Why it is not forwarded although it should be. */
  readonly problem?: string;
  readonly published?: Publication;
}

/** What rows are folded from. */
export interface PortFacts {
  readonly listeners: readonly Listener[];
  readonly choices: ReadonlyMap<number, PortChoice>;
  readonly forwarded: ReadonlyMap<number, Pick<Forwarded, 'authority' | 'localPort'>>;
  readonly problems: ReadonlyMap<number, string>;
  readonly published: ReadonlyMap<number, Publication>;
}

const mostRows = 100;
const longestName = 40;
/** From here on Linux hands out ports by itself: a test that listens on such a one is not worth a word. */
const firstEphemeral = 32_768;
/** Debuggers wait for a connection here, and no browser. */
const debuggers: ReadonlySet<number> = new Set([5005, 5678, 9229]);

/** The rows by port: what listens and can be reached, and what a person did something with. */
export function portRows(facts: PortFacts): readonly PortRow[] {
  const listening = byPort(facts.listeners);
  const kept = [...facts.choices].flatMap(([port, { label, forwarded }]) =>
    forwarded || label !== undefined ? [port] : [],
  );
  const ports = new Set([...listening.keys(), ...facts.forwarded.keys(), ...facts.published.keys(), ...kept]);
  const sorted = [...ports].sort((one, other) => one - other).slice(0, mostRows);
  return sorted.map((port) => rowOf(port, listening.get(port), facts));
}

function rowOf(port: number, listener: Listener | undefined, facts: PortFacts): PortRow {
  const { label, localPort, chosen } = facts.choices.get(port) ?? {};
  const [local, problem, published] = [facts.forwarded.get(port), facts.problems.get(port), facts.published.get(port)];
  const program = listener?.program === undefined ? '' : shownName(listener.program);
  return {
    port,
    isListening: listener !== undefined,
    ...(program === '' ? {} : { program }),
    ...(label === undefined ? {} : { label }),
    ...(chosen === true && localPort !== undefined ? { chosenPort: localPort } : {}),
    ...(local === undefined ? {} : { local: { authority: local.authority, localPort: local.localPort } }),
    ...(problem === undefined ? {} : { problem }),
    ...(published === undefined ? {} : { published }),
  };
}

/** Programs that listen on both kinds of address are one app. */
function byPort(listeners: readonly Listener[]): ReadonlyMap<number, Listener> {
  const found = new Map<number, Listener>();
  for (const listener of listeners) {
    const known = found.get(listener.port);
    if (isReachable(listener) && known?.program === undefined) found.set(listener.port, listener);
  }
  return found;
}

/** A sandbox is dialled on its own 127.0.0.1 and ::1. */
function isReachable({ address, port }: Listener): boolean {
  return port > 0 && ['127.0.0.1', '0.0.0.0', '::1', '::'].includes(address);
}

/** The name of a program of the sandbox, short and on one line, without characters that are not seen. */
function shownName(text: string): string {
  return text
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
    .slice(0, longestName);
}

/** The rows that a person is told of: apps that listen and were not there before in this session. */
export function newApps(rows: readonly PortRow[], choices: ReadonlyMap<number, PortChoice>): readonly PortRow[] {
  return rows.filter(({ port, isListening }) => {
    const isApp = isListening && port < firstEphemeral && !debuggers.has(port);
    return isApp && choices.get(port)?.noticed !== true;
  });
}
