import type { CreateIntent, CreateOptions, Provider, ProviderState, Sandbox } from '../../src/core/sandbox.ts';
import { skipBecause } from '../support/commands/results.ts';
import type { World } from '../support/network/world.ts';
import { mintId } from '../../src/shared/ids.ts';

/** What the suite needs to know of one kind of sandbox. Exported as `harness` by a module of its own. */
export interface Harness {
  /** Path of the module that exports this harness: another process makes its provider from it. */
  readonly module: string;
  /** A fresh provider, as after a restart of the editor. All of one harness work on the same storage. */
  provider(): Promise<Provider>;
  readonly options: CreateOptions;
  /** `tenth` shrinks the large cases. */
  readonly scale: 'full' | 'tenth';
  /** The network that this harness' providers reach allowed hosts by, where they keep to a list. */
  readonly world?: World;
  /** Making one takes so long that the chapters share it, and that a test may take minutes. */
  readonly isSlow?: boolean;
  /** Milliseconds after which a create is killed, where fewer than usual are to be tried. */
  readonly killedAfterMs?: readonly number[];
  /** Its terminals can be found again after the connection was lost. */
  readonly keepsTerminals?: boolean;
  /** It can be halted with all that runs in it. */
  readonly pauses?: boolean;
  /** Its files can be kept as they are, to be gone back to. */
  readonly snapshots?: boolean;
  /** What it lists can be attached to, and be let go of again. */
  readonly attaches?: boolean;
  /** A program in a terminal waits while nobody reads what it prints; elsewhere that is held here, within bounds. */
  readonly holdsTerminalsBack?: boolean;
  /** The Node that programs of the tests run by, where it is not on the way to programs inside. */
  readonly node?: string;
  /** Why this kind cannot run here, or undefined where it can. */
  unavailable(): Promise<string | undefined>;
  /** Breaks the way to a sandbox from outside, so that what runs inside can no longer be known. */
  severLink?(sandbox: Sandbox): Promise<void>;
  /** What of this harness' sandboxes still runs on this machine, as text for people. All are deleted by then. */
  leftRunning(): Promise<readonly string[]>;
  /** Frees what the harness itself holds. */
  cleanUp(): Promise<void>;
}

/** What chapters need to know that make no sandbox themselves. */
export type Traits = Pick<Harness, 'scale' | 'keepsTerminals' | 'holdsTerminalsBack'> & {
  provider(): Promise<Pick<Provider, 'resume'>>;
};

/** Skips what needs this kind of sandbox where it cannot run. */
export async function skipUnlessAvailable(context: Mocha.Context, harness: Harness): Promise<void> {
  const reason = await harness.unavailable();
  if (reason !== undefined) skipBecause(context, reason);
}

export const never = new AbortController().signal;

export function newIntent(): CreateIntent {
  return { session: mintId('session'), key: mintId('op') };
}

/** Creates a sandbox or throws the problem's sentence. */
export async function createSandbox(harness: Harness, intent = newIntent()): Promise<Sandbox> {
  const provider = await harness.provider();
  const created = await provider.create(harness.options, intent, () => undefined, never);
  if (created.kind !== 'ready') throw new Error(`${created.kind}: ${created.problem.detail}`);
  return created.sandbox;
}

/** Resumes and says what came out of it; throws where the sandbox cannot be had. */
export async function resumeSandbox(
  harness: Pick<Traits, 'provider'>,
  state: ProviderState,
): Promise<{ kind: 'live' | 'restarted'; sandbox: Sandbox }> {
  const provider = await harness.provider();
  const resumed = await provider.resume(state, never);
  if (resumed.kind === 'gone') throw new Error('gone');
  if (resumed.kind === 'unknown') throw new Error(resumed.problem.detail);
  return resumed;
}

/** What a number of files or bytes comes to at this harness' scale. */
export function scaled(harness: Pick<Harness, 'scale'>, full: number): number {
  return harness.scale === 'full' ? full : Math.ceil(full / 10);
}
