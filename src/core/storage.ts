import type { ChangeSetId, SessionId } from '../shared/ids.ts';
import type { RelPath } from './paths.ts';
import type { CreateIntent, ProviderState } from './sandbox.ts';
import type { LogEvent, LoggedEvent, SessionRecord } from './session/events.ts';
import type { FolderLink } from './sync/linkedNames.ts';
import type { ApplyPlan, ApplyResult, BlobId, HeldBack, ManifestFile, Node, Tree, TreeId } from './sync/types.ts';

/**
 * Content-addressed bytes and trees in append-only packs under the global storage. One writer per session's pack
 * folder; reads may come from anywhere. Every method rejects with `storage-failed` when the disk does.
 */
export interface BlobStore {
  /** Stores bytes and returns their hash. Storing the same bytes twice costs nothing. */
  put(bytes: Uint8Array): Promise<BlobId>;
  /** Streams bytes in; more than `maxBytes` is refused with `limit` and nothing is kept. */
  putStream(bytes: AsyncIterable<Uint8Array>, maxBytes: number): Promise<{ blob: BlobId; size: number }>;
  has(blob: BlobId): Promise<boolean>;
  /** Rejects with `not-found` for an unknown blob and with `storage-failed` when the stored bytes do not match. */
  get(blob: BlobId): Promise<Uint8Array>;
  stream(blob: BlobId): AsyncIterable<Uint8Array>;
  putTree(tree: Tree): Promise<TreeId>;
  getTree(id: TreeId): Promise<Tree>;
  /** Makes all that was put so far survive a power cut. */
  flush(): Promise<void>;
  /** Bytes on disk. */
  size(): Promise<number>;
  /**
   * Removes what `live` does not reach and answers with the bytes freed. For the owner only, while nothing else is being
   * put; what is put after the call all the same stays.
   */
  sweep(live: LiveContent): Promise<number>;
  close(): Promise<void>;
}

/** Content that must stay: blobs, and trees with all that they name. */
export interface LiveContent {
  readonly blobs: Iterable<BlobId>;
  readonly trees: Iterable<TreeId>;
}

/** A session's append-only log: the truth of which every other view is a cache. */
export interface SessionLog {
  /** Every whole record so far, in order; a torn tail is dropped when the log is opened. */
  readonly events: readonly LoggedEvent[];
  /** Appends in order. With `durable`, resolves only when the record survives a power cut: for intents. */
  append(event: LogEvent, options?: { durable?: boolean }): Promise<LoggedEvent>;
  /** Calls back for every record appended from now on, in order. */
  subscribe(listener: (event: LoggedEvent) => void): () => void;
  close(): Promise<void>;
}

/** All sessions of this machine's user, as files under `v1/sessions/<id>/`. */
export interface SessionStore {
  list(): Promise<readonly StoredSession[]>;
  create(record: SessionRecord): Promise<void>;
  /** Replaces the record atomically. Refused with `owned-elsewhere` when `epoch` is older than the stored one. */
  save(record: SessionRecord): Promise<void>;
  read(id: SessionId): Promise<SessionRecord | undefined>;
  openLog(id: SessionId): Promise<SessionLog>;
  openBlobs(id: SessionId): Promise<BlobStore>;
  /** The folder of one session: for the journal and for what a provider keeps beside it. */
  folder(id: SessionId): string;
  /** Removes the session's files. */
  remove(id: SessionId): Promise<void>;
}

/** A session as it lies on disk. */
export type StoredSession =
  | { readonly kind: 'ok'; readonly record: SessionRecord }
  /** Written by a newer Airlock: shown read-only, never changed or deleted. */
  | { readonly kind: 'newer'; readonly id: string; readonly schema: number }
  | { readonly kind: 'damaged'; readonly id: string; readonly detail: string };

/** The id of a stored session, of whatever kind. */
export function storedId(stored: StoredSession): string {
  return stored.kind === 'ok' ? stored.record.id : stored.id;
}

/** One sandbox that was asked for; closed only when its deletion is confirmed. */
export interface LedgerEntry {
  readonly key: string;
  readonly provider: string;
  readonly intent: CreateIntent;
  readonly openedAt: number;
  /** Known once the provider answered. */
  readonly state?: ProviderState;
}

/** What was asked for from a provider and is not yet confirmed deleted. */
export interface Ledger {
  open(entry: LedgerEntry): Promise<void>;
  update(key: string, state: ProviderState): Promise<void>;
  /** Only after deletion was confirmed. */
  close(key: string): Promise<void>;
  list(): Promise<readonly LedgerEntry[]>;
}

/** The right to write one session. It dies with the process that holds it. */
export interface OwnerLease {
  readonly epoch: number;
  /** Sends a line to every onlooker. */
  broadcast(line: string): void;
  onRequest(listener: (line: string, reply: (line: string) => void) => void): void;
  release(): Promise<void>;
}

/** A window that looks on while another owns the session. */
export interface Onlooker {
  onLine(listener: (line: string) => void): void;
  request(line: string): void;
  /** Resolves when the owner is gone: the lease may now be taken. */
  readonly ownerGone: Promise<void>;
  close(): void;
}

/** Decides which window of this machine owns a session. */
export interface OwnerLeases {
  /** Takes the lease, or looks on where another live process holds it. */
  acquire(id: SessionId): Promise<{ kind: 'owner'; lease: OwnerLease } | { kind: 'onlooker'; onlooker: Onlooker }>;
}

/** The workspace folder on this machine's disk. Nothing here ever follows a link out of the folder. */
export interface LocalFolder {
  readonly uri: string;
  /** Absolute path on this machine. */
  readonly path: string;
  /** Name of the folder as people see it. */
  readonly name: string;
  /**
   * All that could go in, and what is held back by kind, ignore rules or `.airlockignore`. Uses git's list where the
   * folder is trusted and under git, ignore rules elsewhere. Yields to the event loop while it walks.
   */
  scan(options: ScanOptions): Promise<FolderScan>;
  /** Files, links and empty folders below a dependency folder. Never follows a link. */
  walk(folder: RelPath, signal: AbortSignal): AsyncIterable<ManifestFile>;
  /**
   * Streams one file's bytes; rejects with `not-found`. Never follows a link. `opened` is told the file's tag, as
   * {@link tags} gives it, before the first byte is read.
   */
  read(path: RelPath, opened?: (tag: string) => void): AsyncIterable<Uint8Array>;
  /**
   * What stands at a path now, hashed from its bytes. `unknown` where it cannot be read. `bytes` are a file's, and
   * missing where it is larger than `maxHeldBytes`: it was read, but is not held in memory.
   */
  side(path: RelPath): Promise<{ side: Node | 'absent' | 'unknown'; bytes?: Uint8Array }>;
  /**
   * Which of these paths the folder's own rules leave out (git's where the folder is trusted and under git, ignore files
   * elsewhere, `.airlockignore` in both): build output that the sandbox made is not a change to take home. The rules are
   * this machine's; a rule file changed inside the sandbox changes nothing.
   */
  ignored(paths: readonly RelPath[]): Promise<ReadonlySet<RelPath>>;
  /**
   * Files and folders here that git runs as hooks of this repository, as its settings or links say. Empty where the
   * folder is not trusted, as git is not asked then.
   */
  hooks(): Promise<ReadonlySet<RelPath>>;
  /** Links here that lead to places in the folder, ignored and held-back ones too; not those of dependency folders. */
  links(): Promise<readonly FolderLink[]>;
  /** A cheap tag per path (size, mtime, ctime, inode) to find what may have changed; absent paths are left out. */
  tags(paths: readonly RelPath[]): Promise<ReadonlyMap<RelPath, string>>;
}

/** How a folder is listed. */
export interface ScanOptions {
  /** Dependency folders go in as private copies instead of being held back. */
  readonly withDependencies: boolean;
  readonly maxFileBytes: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (files: number) => void;
}

/** What a folder holds, as far as an upload is concerned. */
export interface FolderScan {
  readonly files: readonly ManifestFile[];
  readonly held: readonly HeldBack[];
  readonly dependencies: readonly { path: RelPath; size: number; files: number }[];
  /** `git`: the list came from git; `rules`: from ignore files. */
  readonly source: 'git' | 'rules';
}

/**
 * Writes an apply plan through a journal of before-images: fsynced first, then temp file, real-path check of the
 * parent, expectation re-hashed, rename, re-hash. A crash rolls forward or back at the next {@link Applier.recover}.
 */
export interface Applier {
  apply(plan: ApplyPlan, blobs: BlobStore, signal: AbortSignal): Promise<ApplyResult>;
  /** Settles what a crash interrupted; answers with what was done, if anything. */
  recover(blobs: BlobStore): Promise<ApplyResult | undefined>;
  /** The last committed apply that can be undone. */
  lastUndoable(): Promise<{ readonly plan: ApplyPlan; readonly at: number } | undefined>;
  /** What an undo or the end of an open act may still need: contents, and the change sets that they came from. */
  kept(): Promise<{ readonly blobs: readonly BlobId[]; readonly sets: readonly ChangeSetId[] }>;
  /** Which files of the last apply changed since: the person is asked about these. */
  changedSince(): Promise<readonly RelPath[]>;
  /**
   * Restores the before-images of the last apply. Files that changed since are merged three-way, `overwrite` takes the
   * before-image whole, and a conflict is skipped and said.
   */
  undo(blobs: BlobStore, overwrite: ReadonlySet<RelPath>): Promise<ApplyResult>;
}
