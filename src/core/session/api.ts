import type { ChangeSetId, OpId, SessionId } from '../../shared/ids.ts';
import type { SessionSummary, TranscriptItem } from '../../shared/view.ts';
import type { TurnEnd } from '../agent.ts';
import type { Gesture } from '../gesture.ts';
import type { Network } from '../network/api.ts';
import type { Connection } from '../network/connections.ts';
import type { RelPath } from '../paths.ts';
import type { Forwarded } from '../ports/forwarding.ts';
import type { Publication } from '../ports/publications.ts';
import type { PortRow } from '../ports/rows.ts';
import type { Problem } from '../problem.ts';
import type { Foreign, Outcome, Provider, Step, Terminal, TerminalRequest, ToolchainOffer } from '../sandbox.ts';
import type { Snapshot } from '../snapshots.ts';
import type { LocalFolder } from '../storage.ts';
import type { ApplyResult, ChangeSet, UploadManifest } from '../sync/types.ts';
import type { ModelChoice } from './events.ts';

export interface Disposable {
  dispose(): void;
}

/** What a session tells its viewers: whole items, or what was added to a streaming one. */
export type SessionDelta =
  | { kind: 'items'; items: readonly TranscriptItem[] }
  | { kind: 'text'; id: string; text: string }
  | { kind: 'output'; id: string; text: string }
  | { kind: 'summary' }
  | { kind: 'changes' }
  /** Another window has it, as this one did not answer; told once this one does again. */
  | { kind: 'given-away' }
  /** The list of allowed hosts or a connection changed; `refused` is told of each refusal, also where it only counts up. */
  | { kind: 'network'; refused?: Connection };

/** What a session is created with. */
export interface NewSession {
  readonly provider: Provider;
  readonly folder: LocalFolder;
  /** Values of the provider's own settings, already parsed by its schema. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly toolchains: readonly ToolchainOffer[];
  readonly title: string;
  /** Name of the workspace folder inside of a computer that is to be attached; absent: a new one is to be created. */
  readonly attachTo?: string;
}

/** Model and key for one turn; the key is handed through and kept nowhere. */
export interface TurnInput {
  readonly prompt: string;
  readonly model: ModelChoice;
  readonly apiKey: string;
}

/** All sessions of this machine's user, as this window sees them. */
export interface Sessions {
  list(): readonly SessionSummary[];
  onDidChange(listener: () => void): Disposable;
  /** Opens a stored session: owns it where no other window does, looks on otherwise. */
  open(id: SessionId, folder: LocalFolder | undefined): Promise<Session>;
  create(request: NewSession): Promise<Session>;
  /** Those that are open in this window. */
  opened(): readonly Session[];
  /** Reads the store again, finds what other windows did. */
  refresh(): Promise<void>;
  /** Settles ledger entries whose session is gone. What a session itself was interrupted in is settled when it opens. */
  recover(signal: AbortSignal): Promise<void>;
  /** Lets go of all without ending anything: the window closes. */
  detachAll(): Promise<void>;
}

/** One session: sandbox, conversation, sync and review of one workspace folder. */
export interface Session {
  readonly id: SessionId;
  readonly folder: LocalFolder | undefined;
  readonly network: Network;
  summary(): SessionSummary;
  transcript(): readonly TranscriptItem[];
  onDidChange(listener: (delta: SessionDelta) => void): Disposable;

  /** Lists what would cross into the sandbox now. `included` are held-back paths that the person chose to send. */
  planUpload(options: PlanOptions): Promise<UploadManifest>;
  /**
   * Creates the sandbox and hydrates it with exactly what `manifest` names. The gesture is for `upload` of
   * `manifest.subject`. Rejects with {@link Problem}s; a cancelled start leaves no sandbox behind.
   */
  start(manifest: UploadManifest, gesture: Gesture, step: (s: Step) => void, signal: AbortSignal): Promise<void>;
  /**
   * What a new sandbox would be filled with in place of the one that is gone. Undefined while there is one, and where
   * nothing was taken in yet.
   */
  lastCheckpoint(): LastCheckpoint | undefined;
  /**
   * Creates another sandbox in place of one that is gone, from the last checkpoint. What was not taken home stays offered.
   * The gesture is for `refill` of the session's id. Rejects with {@link Problem}s; then there is still none.
   */
  refill(gesture: Gesture, step: (s: Step) => void, signal: AbortSignal): Promise<void>;
  /**
   * Takes over a sandbox that exists, starts it where it is stopped, and takes in what it holds. Nothing is sent in or
   * written here. The gesture is for `attach` of `attachSubject`.
   */
  attach(computer: Foreign, gesture: Gesture, step: (s: Step) => void, signal: AbortSignal): Promise<void>;
  /** Makes a stopped, restarted or lost sandbox usable again on the same files, or goes on with a paused one. */
  restart(step: (s: Step) => void, signal: AbortSignal): Promise<void>;
  /**
   * What changed locally since the last sync and would be sent with the next turn;
   * `undefined` where nothing did, and while the sandbox was not started yet.
   */
  planPush(options: PlanOptions): Promise<UploadManifest | undefined>;
  /** Sends the local changes in, runs one turn, takes in what changed. Only one turn at a time. */
  send(input: TurnInput, push: { manifest: UploadManifest; gesture: Gesture } | undefined): Promise<TurnEnd>;
  /**
   * Stops the running turn and its command; resolves when that is confirmed. Once the agent has ended, it stops what is
   * being taken in.
   */
  stopTurn(): Promise<void>;
  /**
   * Halts the sandbox after taking in its last changes, or trying to: its programs go on where they were with
   * {@link restart}. A running turn is stopped. Rejects with `unsupported` where this kind of sandbox cannot.
   */
  pauseSandbox(): Promise<void>;
  /** Stops the sandbox after taking in its last changes, or trying to; files and session stay. */
  stopSandbox(): Promise<void>;
  /**
   * Ends the session: last changes are taken in, the sandbox is deleted, transcript and pending changes stay. A sandbox
   * that does not run is started for it. Rejects with `left-inside`, and deletes nothing, where not all could be taken in;
   * with `still-public` where a computer that lives on could not be made private again.
   */
  end(how?: EndHow): Promise<void>;
  /** Ends it and removes every file of it. The gesture is for `delete-session` of the id. */
  delete(gesture: Gesture): Promise<void>;

  /** The frozen change set that is under review, if anything differs. */
  changes(): ChangeSet | undefined;
  /** Takes in the sandbox's files again, every byte, and compares. A set that would say the same stays the current one. */
  refreshChanges(signal: AbortSignal, how?: RefreshHow): Promise<ChangeSet | undefined>;
  /** Bytes of one side of a change, from the store; undefined where the side is absent or not a file. */
  content(
    set: ChangeSetId,
    path: RelPath,
    side: 'base' | 'theirs' | 'ours' | 'result',
  ): Promise<Uint8Array | undefined>;
  /** Writes the chosen changes. The gesture is for `apply` of the set's id. */
  apply(set: ChangeSetId, choice: ApplyChoice, gesture: Gesture): Promise<ApplyResult>;
  /** Rejects changes by content: the same bytes are not offered again. */
  reject(set: ChangeSetId, paths: readonly RelPath[]): Promise<void>;
  /** Takes all rejections back: what they refused is offered again, as far as it still differs. */
  offerRejected(): Promise<void>;
  undoable(): Promise<Undoable | undefined>;
  /** Restores what the last apply replaced. The gesture is for `undo` of the set's id. */
  undo(overwrite: ReadonlySet<RelPath>, gesture: Gesture): Promise<ApplyResult>;

  /**
   * Asks the window that owns it for it, now and each half a minute until this is disposed of: by whom a person has it in
   * front of them. It is given where nothing is at work and nobody is at that window. Absent where this window owns it.
   */
  readonly ask?: () => Disposable;
  readonly terminals: SessionTerminals;
  readonly snapshots: SessionSnapshots;
  /** Programs inside that listen, and how they are reached from here. */
  readonly ports: Ports;
  /** Lets go without ending anything. */
  detach(): Promise<void>;
  /** The last problem, for buttons. */
  problem(): Problem | undefined;
}

/** The ports of a session's sandbox. What is chosen here is kept with the session. */
export interface Ports {
  /** What listens now, and what a person did something with; empty while the sandbox does not run. */
  rows(): readonly PortRow[];
  onDidChange(listener: () => void): Disposable;
  /** Tells of apps that listen and did not before in this session, each once. */
  onDidNotice(listener: (apps: readonly PortRow[]) => void): Disposable;
  /** Keeps looking until it is disposed of. Without it ports are looked for only while something runs or is forwarded. */
  look(): Disposable;
  /** The listener on this machine that leads to a port, opened where there is none. */
  forward(port: number): Promise<Forwarded>;
  stopForwarding(port: number): Promise<void>;
  /** An empty text takes the label away. */
  setLabel(port: number, text: string): Promise<void>;
  /** Forwards a port to that local one from now on. Rejects with `bad-input` where it cannot be had. */
  chooseLocalPort(port: number, localPort: number): Promise<Forwarded>;
  /** This kind of sandbox can open ports to the internet. */
  readonly canPublish: boolean;
  /**
   * Opens a port to everybody on the internet for so many milliseconds. The gesture is for `publish` of
   * `<session id>:<port>`.
   */
  publish(port: number, forMs: number, gesture: Gesture, signal: AbortSignal): Promise<Publication>;
  unpublish(port: number): Promise<void>;
}

/** Snapshots of a session's sandbox. Each rejects with `unsupported` where its kind takes none. */
export interface SessionSnapshots {
  /** Takes in what changed, then keeps the files inside as they are now. Only while it runs. Cannot be cancelled. */
  take(): Promise<void>;
  /** The newest first. */
  list(signal: AbortSignal): Promise<readonly Snapshot[]>;
  /**
   * Takes in what changed, then starts the sandbox on the files of a snapshot and compares: what runs inside ends. The
   * gesture is for `go-back` of `goBackSubject`. Rejects, with nothing replaced, where not all could be taken in.
   */
  goBack(to: Snapshot, gesture: Gesture, step: (s: Step) => void, signal: AbortSignal): Promise<void>;
  remove(snapshot: Snapshot): Promise<void>;
}

/** Size and program of a terminal; where and how it is kept is the session's to say. */
export type ShellRequest = Omit<TerminalRequest, 'cwd' | 'op' | 'onLinkLoss'>;

/** Terminals inside a session's sandbox. Each throws `sandbox-gone` with its fix where nothing runs. */
export interface SessionTerminals {
  /** Opens a login shell, or the program asked for, in the workspace folder. It outlives a lost connection where the kind of sandbox allows. */
  open(request: ShellRequest, signal: AbortSignal): Promise<Terminal>;
  /** Terminals that {@link open} opened and that go on inside, also those of a window that is gone. */
  kept(signal: AbortSignal): Promise<readonly OpId[]>;
  /** Joins a terminal again: its last output comes first. Throws `not-found` where it is not there any more. */
  join(op: OpId, signal: AbortSignal): Promise<Terminal>;
  /** Looks on at a command of the agent, by the id of its transcript item. Throws `not-found` like {@link join}. */
  watch(op: OpId, signal: AbortSignal): Promise<CommandWatch>;
}

/** A command of the agent as somebody else looks on. Letting go of it changes nothing for the command. */
export interface CommandWatch {
  /** The tail of what it printed so far, then what follows. */
  readonly output: AsyncIterable<Uint8Array>;
  /** It has a terminal, of 80 by 24, so that its output steers the cursor by itself. */
  readonly isTerminal: boolean;
  /** Types into it; absent where it reads nothing. */
  readonly write?: (bytes: Uint8Array) => Promise<void>;
  /** What Ctrl-C does. */
  interrupt(): Promise<void>;
  /** Never rejects. */
  readonly outcome: Promise<Outcome>;
  leave(): void;
}

/** What was last taken in: files, their bytes, and when, in milliseconds since the epoch. */
export interface LastCheckpoint {
  readonly files: number;
  readonly bytes: number;
  readonly at: number;
}

/** How the folder is listed for an upload. */
export interface PlanOptions {
  readonly included: ReadonlySet<RelPath>;
  readonly signal: AbortSignal;
  readonly onProgress?: (files: number) => void;
}

/** How a session ends. */
export interface EndHow {
  /** The person agreed to lose what cannot be taken in. */
  readonly leaveRest?: boolean;
  /** The person agreed to let go of a computer although ports of it may stay public. */
  readonly leavePublic?: boolean;
}

/** What is read again before changes are compared. */
export interface RefreshHow {
  /** Only this machine's side is read again: the sandbox's stays what was reviewed. */
  readonly folderOnly?: boolean;
}

/** What of a change set the person takes home, and how. */
export interface ApplyChoice {
  readonly paths: ReadonlySet<RelPath>;
  /** Conflicts for which the person took the sandbox's side whole. */
  readonly takeTheirs: ReadonlySet<RelPath>;
}

/** The apply that an undo would take back; `at` in milliseconds since the epoch. */
export interface Undoable {
  readonly set: ChangeSetId;
  /** What it wrote or deleted. */
  readonly paths: readonly RelPath[];
  readonly at: number;
  /** Changed since the apply: the person is asked about these. */
  readonly changedSince: readonly RelPath[];
}
