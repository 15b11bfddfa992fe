import type { z } from 'zod';
import type { OpId, SessionId } from '../shared/ids.ts';
import type { Hostile } from './hostile.ts';
import type { Egress, EgressGate } from './network/egress.ts';
import type { GuestPath, RelPath } from './paths.ts';
import type { Pipe } from './pipe.ts';
import type { Listener, PublicPort, Published } from './ports/listener.ts';
import type { Problem } from './problem.ts';
import type { Settled } from './settled.ts';
import type { Snapshots } from './snapshots.ts';
import type { Terminal, TerminalEnd, TerminalRequest } from './terminal/terminal.ts';

export type { Listener, Pipe, PublicPort, Published, Settled, Terminal, TerminalEnd, TerminalRequest };

export { hostile, openHostile, type Hostile } from './hostile.ts';

/** What this kind of sandbox can do, as probed. */
export interface Capabilities {
  readonly isolation: 'cloud-vm' | 'local-vm' | 'process';
  readonly egress: 'none' | 'allow-list' | 'open';
  readonly reachesHostLoopback: boolean;
  readonly abort: 'tree' | 'group' | 'sandbox-only';
  readonly survivesReload: 'processes' | 'files';
  readonly terminalReattach: boolean;
  readonly maxPublished: number;
  /** Binaries of this machine run inside: dependency folders may go in as they are. */
  readonly samePlatform: boolean;
  readonly billed: boolean;
}

/** A step of a long operation, said to the person who waits. */
export interface Step {
  readonly title: string;
  readonly detail?: string;
}

/** Written to the ledger before a sandbox is asked for; settles a create whose answer was lost. */
export interface CreateIntent {
  readonly session: SessionId;
  /** Idempotency key, unique per create. */
  readonly key: string;
}

/** JSON without secrets: all that is needed to find a sandbox again from another process. */
export interface ProviderState {
  readonly provider: string;
  readonly version: number;
  readonly data: unknown;
}

/** How a create ended. `none`: proven that nothing was made. `unknown`: to be settled from its intent. */
export type Created =
  { kind: 'ready'; sandbox: Sandbox } | { kind: 'none'; problem: Problem } | { kind: 'unknown'; problem: Problem };

/** What became of a sandbox that was let go of. `unknown`: it may still be there. */
export type Resumed =
  /** As it was: its processes still run. */
  | { kind: 'live'; sandbox: Sandbox }
  /** Its files are there, its processes are not: a new incarnation. `started`: it was off, and this call started it. */
  | { kind: 'restarted'; sandbox: Sandbox; started?: boolean }
  | { kind: 'gone' }
  | { kind: 'unknown'; problem: Problem };

/**
 * What is true after the answer to a create was lost. `maybe-ours`: something like it is there, too uncertain to delete.
 */
export type SettledCreate =
  { kind: 'never' } | { kind: 'ours'; state: ProviderState } | { kind: 'maybe-ours'; title: string };

/** A sandbox that the provider lists and that this ledger does not know for certain: shown, never deleted by a sweep. */
export interface Foreign {
  readonly title: string;
  /** Removing it by this deletes it, whoever made it. */
  readonly state: ProviderState;
  /** Resuming it by this takes it over as it is; removing it by this only lets go. Absent: it cannot be attached to. */
  readonly attach?: ProviderState;
  /** It runs on this machine, for this user: nobody is billed for it. */
  readonly local?: boolean;
  readonly ageMs?: number;
  /** One line on its size and condition, such as `2 CPUs, 2 GB memory, running`. */
  readonly detail?: string;
  /** Milliseconds after which it ends by itself unless somebody comes back to it, where that is known. */
  readonly endsInMs?: number;
}

/** Whether this kind can be used here; where not, the reason with the one step that mends it. */
export type Probe = { ready: true; caps: Capabilities; note?: string } | { ready: false; problem: Problem };

/** Something a provider offers besides sandboxes, such as signing in or a doctor. */
export interface ProviderAction {
  readonly id: string;
  readonly title: string;
  run(signal: AbortSignal): Promise<void>;
}

/** A folder of tools outside the system that a person may let a sandbox read, such as a version manager's Node. */
export interface ToolchainOffer {
  readonly name: string;
  /** Absolute host folder that would be readable inside, at the same path. */
  readonly folder: string;
  /** Folder to put in PATH inside. */
  readonly bin: string;
}

/** The descriptor of one kind of sandbox. `ui` knows providers only through this. */
export interface Provider {
  readonly id: string;
  readonly title: string;
  /** One sentence on what separates the agent from this machine. */
  readonly isolation: string;
  readonly stateVersion: number;
  /** Settings under `airlock.<id>.*`; parse failures are refused by name before anything is asked for. */
  readonly settings: z.ZodType<Record<string, unknown>>;
  readonly actions: readonly ProviderAction[];
  /** Page where a person manages the account behind it; absent where there is none. */
  readonly accountUrl?: string;
  /** What all states of one sandbox have in common and no other sandbox has; undefined for what is no state of it. */
  identify(state: ProviderState): string | undefined;
  probe(signal: AbortSignal): Promise<Probe>;
  /** Tool chains of this machine that could be offered read-only. Empty where the sandbox is another machine. */
  toolchains(signal: AbortSignal): Promise<readonly ToolchainOffer[]>;
  create(options: CreateOptions, intent: CreateIntent, step: (s: Step) => void, signal: AbortSignal): Promise<Created>;
  settle(intent: CreateIntent, signal: AbortSignal): Promise<SettledCreate>;
  resume(state: ProviderState, signal: AbortSignal): Promise<Resumed>;
  /**
   * Deletes what `state` names without resuming it: for a ledger entry whose session is gone. Idempotent; gone is done.
   */
  remove(state: ProviderState, signal: AbortSignal): Promise<Settled>;
  inventory(signal: AbortSignal): Promise<readonly Foreign[]>;
}

/** What a sandbox is made with. */
export interface CreateOptions {
  /** Parsed by the provider's own `settings` schema. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Tool chains that a person agreed to, out of `toolchains()`. */
  readonly toolchains: readonly ToolchainOffer[];
  /** A new one is wanted, also where the settings name one that exists. */
  readonly fresh?: boolean;
}

/** What is true of a sandbox now; it may change without us. */
export interface Status {
  /** `paused`: nothing runs, and what ran is not lost: it goes on where it was after a start. */
  readonly state: 'running' | 'paused' | 'stopped' | 'gone' | 'lost';
  readonly incarnation: string;
  readonly detail?: string;
}

/** A running or stopped sandbox. Every provider passes the same conformance suite against this port. */
export interface Sandbox {
  readonly caps: Capabilities;
  /** Changes at each boot: commands, terminals and inodes of another incarnation are void. */
  readonly incarnation: string;
  /** JSON, no secret. */
  state(): ProviderState;
  /** The folder under which workspaces live inside: `/workspace`. */
  readonly workspaceRoot: GuestPath;
  /** Yields the present status at once, then each change, until `signal` aborts. */
  watch(signal: AbortSignal): AsyncIterable<Status>;
  /** Never throws: a refusal is an {@link Outcome}. The handle exists before a byte leaves. */
  exec(request: ExecRequest): Exec;
  /** Finds a command that was started before, by its operation id. */
  attach(op: OpId): Promise<Exec | 'no-such-op' | 'cannot-know'>;
  openTerminal(request: TerminalRequest, signal: AbortSignal): Promise<Terminal>;
  /**
   * The terminals that were opened with `onLinkLoss: 'keep'` and go on inside, whether or not anybody is connected.
   * Both of these are there or neither, which is so where a terminal is come back to by this connection alone.
   */
  keptTerminals?(signal: AbortSignal): Promise<readonly OpId[]>;
  /**
   * Joins a terminal by its operation: its last output comes again, then what follows. Several may be joined to one.
   * Throws `not-found` where there is none.
   */
  joinTerminal?(op: OpId, signal: AbortSignal): Promise<Terminal>;
  /**
   * Puts a plain tar stream under `options.root` and removes `deletions` there. The tar is unpacked into a staging
   * folder inside first; nothing of it shows before all of it has arrived.
   */
  upload(tar: AsyncIterable<Uint8Array>, deletions: readonly RelPath[], options: UploadOptions): Promise<Upload>;
  /** Starts one pull; the reply's format is `core/sync/pullReply.ts`. Incomplete unless its outcome is `exited 0`. */
  download(request: PullRequest, options: BulkOptions): Promise<PullStream>;
  /** A connection to a TCP port on the sandbox's own loopback. Throws `not-found` where nothing listens. */
  dial(port: number, signal: AbortSignal): Promise<Pipe>;
  /** The ports that programs inside listen on: at once, then at each change, until `signal` aborts. */
  listeners(signal: AbortSignal): AsyncIterable<readonly Listener[]>;
  /**
   * Opens a port to everybody on the internet, without a password. Only where `caps.maxPublished` is above zero, and only
   * after a person's gesture, which the session spends. Publishing again is harmless. Rejects with `unsupported` for a
   * port that cannot be published, with `limit` for one too many, and with a problem that `maybe-sent` where the answer
   * was lost.
   */
  publish?(port: number, signal: AbortSignal): Promise<Published>;
  /** What is public of it now, whoever published it. There where {@link publish} is. */
  published?(signal: AbortSignal): Promise<readonly PublicPort[]>;
  /** Takes it back. Idempotent: a port that is not published is done. */
  unpublish?(port: number, signal: AbortSignal): Promise<Settled>;
  /**
   * Lets programs inside reach hosts of the network as `gate` decides, from now on and without a restart, until it is
   * closed or this process ends. Only where `caps.egress` is `allow-list`. Throws `unsupported` where the sandbox was
   * started by a version that cannot, `sandbox-gone` where nothing runs.
   */
  openEgress?(gate: EgressGate): Promise<Egress>;
  /** Also goes on with a paused one, in the same incarnation. */
  start(signal: AbortSignal): Promise<Settled>;
  /**
   * Halts everything inside as it is: memory is kept, and programs go on where they were after a start. Until then
   * commands and terminals that are under way wait. There where this kind of sandbox can. Idempotent.
   */
  pause?(signal: AbortSignal): Promise<Settled>;
  stop(signal: AbortSignal): Promise<Settled>;
  /** There where this kind of sandbox can. */
  readonly snapshots?: Snapshots;
  /** Idempotent: gone is done. */
  delete(signal: AbortSignal): Promise<Settled>;
  /** Lets go of it without ending anything; what survives is told by `caps.survivesReload`. */
  detach(): Promise<void>;
}

/** One command. Its operation id is minted and logged by the caller before a byte leaves. */
export interface ExecRequest {
  readonly op: OpId;
  readonly run: { readonly argv: readonly string[] } | { readonly shell: string; readonly login?: boolean };
  readonly cwd: GuestPath;
  readonly env?: Readonly<Record<string, string>>;
  /** Absent: the command reads from /dev/null. */
  readonly stdin?: AsyncIterable<Uint8Array>;
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  /** What to do with the command when our connection drops. */
  readonly onLinkLoss: 'kill' | 'keep';
}

/** A command that was asked for. */
export interface Exec {
  readonly op: OpId;
  /** One ordered stream with back-pressure (two would deadlock). Must be read for the command to go on. */
  readonly output: AsyncIterable<{ readonly fd: 1 | 2; readonly bytes: Uint8Array }>;
  interrupt(signal: 'INT' | 'TERM' | 'KILL'): Promise<void>;
  /** Never rejects. */
  readonly outcome: Promise<Outcome>;
}

/** How a command ended, as far as that can be known. */
export type Outcome =
  | { kind: 'exited'; code: number }
  | { kind: 'signaled'; signal: string }
  /** Proven not to have run: the only kind that may be retried. */
  | { kind: 'not-started'; problem: Problem }
  /** `killed` is what was verified dead. */
  | { kind: 'stopped'; by: 'abort' | 'deadline'; killed: 'tree' | 'group' }
  /** May still run. Never success, never retried. */
  | { kind: 'unknown'; problem: Problem };

/** How a transfer of many files is followed and cancelled. */
export interface BulkOptions {
  readonly signal: AbortSignal;
  /** Bytes moved so far. */
  readonly onProgress?: (bytes: number) => void;
}

/** Where an upload goes, and over what. */
export interface UploadOptions extends BulkOptions {
  readonly root: GuestPath;
  /** `replace` puts the tar in place of the whole root; `merge` overlays it. */
  readonly mode: 'replace' | 'merge';
  /**
   * What a merge believes to stand at these paths. Where anything else does right before the first file is put in place,
   * nothing is, and the answer is `not-committed` with `changed-inside`.
   */
  readonly expect?: ReadonlyMap<RelPath, Expected>;
}

/** Content at a path inside: a file by the SHA-256 of its bytes in hexadecimal, a link by its target. */
export type Expected = { file: string } | { link: string } | 'dir' | 'absent';

/** How an upload ended. `not-committed`: proven that nothing under the root changed. */
export type Upload =
  { kind: 'committed' } | { kind: 'not-committed'; problem: Problem } | { kind: 'unknown'; problem: Problem };

/** What one pull asks for. */
export interface PullRequest {
  readonly root: GuestPath;
  /** Workspace-relative folders or files that are never listed or sent (`.git` is always left out). */
  readonly exclude: readonly RelPath[];
  /** The id of the last listing that the host has taken in whole; the guest may use it to leave out what is unchanged. */
  readonly since?: string;
  /** When given, only these files' bytes are wanted, and no listing. */
  readonly want?: readonly RelPath[];
}

/** The reply to a pull, as the guest sends it. */
export interface PullStream {
  readonly bytes: Hostile<AsyncIterable<Uint8Array>>;
  readonly outcome: Promise<Outcome>;
}
