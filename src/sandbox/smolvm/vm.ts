import { AirlockError, fail, problemOf } from '../../core/problem.ts';
import type { Settled } from '../../core/sandbox.ts';
import type { Snapshot } from '../../core/snapshots.ts';
import type { Shell } from '../relay/job/commands.ts';
import type { Endpoint } from './guest/connection.ts';
import { ofAnother } from './maker.ts';
import { execInside } from './program/exec.ts';
import * as smolvm from './program/index.ts';

/** What is true of one microVM, as far as the program and this machine's processes tell. */
export type Seen =
  /** Its emulator runs. `endpoint` is absent where it has no SSH server that can be reached. */
  | { readonly kind: 'running'; readonly endpoint?: Endpoint }
  | { readonly kind: 'paused' }
  | { readonly kind: 'stopped' }
  /** The program takes it for running, but its emulator is gone. */
  | { readonly kind: 'dead' }
  /** The program gave it up and can only delete it. */
  | { readonly kind: 'failed' }
  | { readonly kind: 'gone' };

/** Why one that does not run does not, for people. */
export function sentenceOf({ kind }: Seen): string {
  if (kind === 'paused') return 'The microVM is paused.';
  if (kind === 'dead') return 'The emulator of the microVM has ended: start it again, its disk is there.';
  if (kind === 'failed') return 'SmolVM has marked the microVM as failed: it can only be deleted.';
  return 'The microVM is stopped.';
}

/** One microVM by its name. Every method but `delete` throws a problem where the program refuses or does not answer. */
export interface Vm {
  readonly name: string;
  /** Seconds that its emulator, and then its system, may take to answer after a start. */
  readonly bootSeconds: number;
  look(signal?: AbortSignal): Promise<Seen>;
  /** Brings it to life from whatever state. Resolves when its emulator runs, which is before its SSH server answers. */
  start(signal: AbortSignal): Promise<void>;
  /** Halts it with its memory; a start goes on with it. */
  pause(): Promise<void>;
  /** See `core/snapshots.ts`. */
  readonly snapshots: {
    take(): Promise<Snapshot>;
    list(signal: AbortSignal): Promise<readonly Snapshot[]>;
    restore(id: string): Promise<void>;
    remove(id: string): Promise<Settled>;
  };
  /** A power cut: what was not synced inside is lost. */
  stop(): Promise<void>;
  /** Gone is done; done says that no emulator of that name is left. */
  delete(): Promise<Settled>;
  /** Its host key in base64, where the program tells it. */
  hostKey(): Promise<string | undefined>;
  /** Command lines inside by way of the program. */
  readonly shell: Shell;
}

/** Dropbear, which may stand behind it, takes 9,000 characters with all quotes. */
const mostCommand = 7000;
/** The image's user; it stands in no answer of the program. */
const user = 'root';

/**
 * A microVM that `made` has made. Nothing is asked of the program under its other name, which throws
 * `sandbox-unavailable`: it would know of no such microVM, and so seem to tell that it is gone.
 */
export function vmOf(
  program: smolvm.Program,
  name: string,
  made: smolvm.ProgramName,
  bootSeconds = smolvm.usualBootSeconds,
): Vm {
  const asked = async <T>(ask: () => Promise<T>): Promise<T> => {
    const other = await ofAnother(program, made);
    if (other !== undefined) throw new AirlockError(other);
    return await ask();
  };
  return {
    name,
    bootSeconds,
    look: (signal) => asked(() => look(program, name, signal)),
    start: (signal) => asked(() => smolvm.start(program, name, bootSeconds, signal)),
    pause: () => asked(() => smolvm.pause(program, name)),
    snapshots: {
      take: () => asked(() => smolvm.takeSnapshot(program, name)),
      list: (signal) => asked(() => smolvm.listSnapshots(program, name, signal)),
      restore: (id) => asked(() => smolvm.restoreSnapshot(program, name, id)),
      remove: (id) => asked(() => smolvm.removeSnapshot(program, id)),
    },
    stop: () => asked(() => smolvm.stop(program, name)),
    delete: () => asked(() => smolvm.remove(program, name)).catch(notDeleted),
    hostKey: () => asked(() => hostKeyOf(program, name)),
    shell: {
      mostCommand,
      run: (command, seconds, _repeatable, signal) => asked(() => execInside(program, name, command, seconds, signal)),
    },
  };
}

function notDeleted(error: unknown): Settled {
  return { kind: 'failed', problem: problemOf(error, 'sandbox-unavailable') };
}

async function look(program: smolvm.Program, name: string, signal: AbortSignal | undefined): Promise<Seen> {
  const truth = await smolvm.look(program, name, signal);
  if (truth === undefined) return { kind: 'gone' };
  const { status } = truth.info;
  if (status === 'error') return { kind: 'failed' };
  if (status === 'created' || status === 'stopped') return { kind: 'stopped' };
  if (truth.process !== 'runs') return { kind: 'dead' };
  if (status === 'paused') return { kind: 'paused' };
  if (status !== 'running') return fail('protocol', 'SmolVM tells a state of this microVM that is not known.');
  const endpoint = await sshOf(program, truth.info, signal);
  return { kind: 'running', ...(endpoint === undefined ? {} : { endpoint }) };
}

/** Where its SSH server is, and with what it is entered; undefined where it has none that can be reached. */
export async function sshOf(
  program: smolvm.Program,
  info: smolvm.VmInfo,
  signal?: AbortSignal,
): Promise<Endpoint | undefined> {
  const endpoint = smolvm.endpointOf(info);
  return endpoint === undefined ? undefined : { ...endpoint, user, keyFile: await program.keyFile(signal) };
}

const lineOfKey = /^CELESTO_SSH_HOST_KEY ssh-[a-z0-9-]+ ([A-Za-z0-9+/]+=*)\s*$/;
const mostLines = 2000;

/**
 * What the console said as its first word about it. Only the newer name's images say it, and a console may have gone on
 * too far since.
 */
async function hostKeyOf(program: smolvm.Program, name: string): Promise<string | undefined> {
  const { name: programName } = await program.found();
  if (programName !== 'celesto') return undefined;
  const lines = await smolvm.logs(program, name, mostLines).catch(() => []);
  return lines.map((line) => lineOfKey.exec(line)?.[1]).find((key) => key !== undefined);
}
