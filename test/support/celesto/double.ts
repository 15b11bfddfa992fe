import type { ComputerStatus } from './schemas.ts';
import { Fleet } from './fleet.ts';
import { Front, type SeenRequest } from './front.ts';
import { Guests } from './guests.ts';
import { defaultKnobs, type Knobs } from './knobs.ts';
import { Network, type Traffic } from './network.ts';

/** How a double is started. Every knob can be turned from the start. */
export interface CelestoDoubleOptions extends Partial<Knobs> {
  /** Default: a free one. */
  readonly port?: number;
  /** The key of its one account. */
  readonly apiKey?: string;
  /** Milliseconds of a round trip to it, for every byte of every connection. Default 0. */
  readonly rttMs?: number;
  /** Bits per second each way, for all connections together. Default: no limit. */
  readonly bitsPerSecond?: number;
  /** Keys of other accounts, each with its organization. */
  readonly otherKeys?: Readonly<Record<string, string>>;
}

/** A computer as the double itself sees it. */
export interface SeenComputer {
  readonly id: string;
  readonly name: string;
  readonly status: ComputerStatus;
  /** Why it ended as an error. */
  readonly lastError: string | undefined;
}

/** A local server that behaves like the hosted Celesto API. Its computers are real. */
export interface CelestoDouble {
  /** Origin, such as `http://127.0.0.1:4321`, without `/v1`. */
  readonly url: string;
  readonly apiKey: string;
  /** Holds everything that it has on disk. */
  readonly folder: string;
  /** Turning one takes effect at the next request. */
  readonly knobs: Knobs;
  /** Every request so far, WebSocket upgrades included, in order. */
  readonly requests: readonly SeenRequest[];
  /** The computers that are not deleted, newest first. */
  computers(): readonly SeenComputer[];
  /** Ids of a computer's terminals whose shell runs. */
  terminals(id: string): readonly string[];
  /** Bytes that crossed so far on all connections, headers and frames included. */
  traffic(): Traffic;
  /** Where its line is slow: lets so many more bytes of callers pass, and none after them. */
  stall(bytes: number): void;
  /** Lets go on what was stalled. */
  goOn(): void;
  /** Takes the host of a running computer away: it becomes `restorable`. */
  interrupt(id: string): Promise<void>;
  /** Ends all computers, connections and files. */
  close(): Promise<void>;
}

const organization = 'org_local';
const itself = { organization, scopes: [] };

/** Starts a double on loopback. Throws where this machine cannot run its computers. */
export async function startCelestoDouble(options: CelestoDoubleOptions = {}): Promise<CelestoDouble> {
  const { port = 0, apiKey = `celesto-${crypto.randomUUID()}`, rttMs = 0, bitsPerSecond = 0, otherKeys = {} } = options;
  const knobs: Knobs = { ...defaultKnobs(), ...knobsIn(options) };
  const guests = await Guests.open(() => knobs);
  try {
    const network = new Network({ rttMs, bitsPerSecond });
    let url = '';
    const fleet = new Fleet({ guests, knobs, network, gatewayUrl: () => `${url.replace('http', 'ws')}/gateway` });
    const front = new Front(fleet, knobs, { apiKey, organization, others: otherKeys });
    const listening = await network.open(front.server, port);
    url = `http://127.0.0.1:${listening.port}`;
    let closing: Promise<void> | undefined;
    const end = async () => {
      await listening.close();
      await fleet.clear();
      await guests.close();
    };
    return {
      url,
      apiKey,
      folder: guests.folder,
      knobs,
      requests: front.requests,
      computers: () =>
        fleet.alive().map(({ id, identity, status, lastError }) => ({ id, name: identity.name, status, lastError })),
      terminals: (id) => fleet.find(itself, id).terminals.ids(),
      traffic: () => network.traffic(),
      stall: (bytes) => network.stall(bytes),
      goOn: () => network.goOn(),
      interrupt: async (id) => await fleet.find(itself, id).interrupt(),
      close: () => (closing ??= end()),
    };
  } catch (error) {
    await guests.close();
    throw error;
  }
}

function knobsIn(options: CelestoDoubleOptions): Partial<Knobs> {
  const known = Object.keys(defaultKnobs());
  return Object.fromEntries(Object.entries(options).filter(([name]) => known.includes(name)));
}
