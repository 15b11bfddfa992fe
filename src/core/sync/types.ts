import type { Brand, ChangeSetId, CheckpointId } from '../../shared/ids.ts';
import type { RelPath } from '../paths.ts';

/** SHA-256 of bytes that the host sent or received, as 64 hexadecimal digits. Only the blob store mints it. */
export type BlobId = Brand<'blob'>;

/** A stored directory node; its content names the children. */
export type TreeId = Brand<'tree'>;

export type Node =
  | { readonly t: 'file'; readonly blob: BlobId; readonly size: number; readonly exec: boolean }
  | { readonly t: 'link'; readonly target: string }
  | { readonly t: 'dir' };

/** What stands at a path on one side. `unknown` is unreadable or incomplete: never a deletion. */
export type Side = Node | 'absent' | 'unknown';

/** Files, links and empty folders of one workspace, by path. */
export type Tree = ReadonlyMap<RelPath, Node>;

export type SecretKind = 'env-file' | 'private-key' | 'credentials' | 'token';

/** Why a path stays on this machine. */
export type HoldRule =
  | 'git-folder'
  | 'ignored'
  | 'airlockignore'
  | 'secret-name'
  | 'secret-content'
  | 'dependency'
  | 'unsupported-name'
  | 'link-outside'
  | 'special-file'
  | 'unreadable'
  | 'too-large';

export interface HeldBack {
  readonly path: string;
  readonly rule: HoldRule;
  readonly secret?: SecretKind;
  /** Size in bytes where it is known; a folder counts once, without its content. */
  readonly size?: number;
  /** Known for single files, so that a person may choose to send one after all. */
  readonly exec?: boolean;
}

export interface ManifestFile {
  readonly path: RelPath;
  readonly size: number;
  readonly exec: boolean;
  /** `link` files carry their target instead of bytes. */
  readonly link?: string;
  /** An empty folder. */
  readonly dir?: true;
  /** As `LocalFolder.tags` gives it, where the file was looked at when it was listed. */
  readonly tag?: string;
}

/** What would cross into the sandbox, shown before the first byte leaves. */
export interface UploadManifest {
  readonly files: readonly ManifestFile[];
  readonly held: readonly HeldBack[];
  /** Dependency folders that go in as private copies: outside diff and checkpoint, never home. */
  readonly dependencies: readonly { readonly path: RelPath; readonly size: number; readonly files: number }[];
  readonly bytes: number;
  /** Held-back paths that the person chose to send, also where they are not there now: they alone pass the scan for secrets unseen. */
  readonly included: readonly RelPath[];
  /** Digest of the rules; a remembered approval is void when it differs. */
  readonly rulesId: string;
  /** Digest of the rules and of what was chosen in spite of them: what a gesture for this upload names. */
  readonly subject: string;
}

/** One row of a sandbox's listing. `tag` is compared by equality only. */
export interface GuestRow {
  readonly path: RelPath;
  readonly type: 'file' | 'dir' | 'link' | 'other';
  readonly tag: string;
  readonly size: number;
  readonly exec: boolean;
  readonly target?: string;
  /** Seconds since the epoch of the last status change, to find rows too young to trust. */
  readonly changedAt: number;
}

/** A listed row, and what the host took in for it: no node where nothing was taken. */
export interface KnownRow extends GuestRow {
  readonly node?: Node;
  /** Changed so shortly before it was listed that its tag proves nothing: taken in again at the next pull. */
  readonly racy: boolean;
}

/** What the host knows of a sandbox's files after a pull. */
export interface GuestTable {
  readonly incarnation: string;
  readonly listingId: string;
  readonly rows: ReadonlyMap<RelPath, KnownRow>;
  /** Names of the listing that cannot be paths here. */
  readonly skipped: readonly Skipped[];
}

/** A path or name of the sandbox that was not taken in. */
export interface Skipped {
  readonly path: string;
  readonly why: SkipWhy;
}

/** `dependency`: a folder of installed packages, which never comes home, whoever made it. */
export const skipWhys = [
  'bad-name',
  'special-file',
  'link',
  'too-large',
  'too-many',
  'unreadable',
  'case-collision',
  'dependency',
] as const;

export type SkipWhy = (typeof skipWhys)[number];

export interface Checkpoint {
  readonly id: CheckpointId;
  readonly parent?: CheckpointId;
  readonly logSeq: number;
  readonly theirs: TreeId;
  readonly ancestor: TreeId;
  readonly quality: 'exact' | 'torn' | 'partial';
  readonly skipped: readonly Skipped[];
}

export const dangerIds = [
  'editor-config',
  'git-config',
  'git-repository',
  'ci-workflow',
  'package-script',
  'agent-config',
  'shell-environment',
  'install-hook',
  'build-hook',
  'executable-bit',
] as const;

/** Why a change is dangerous to take home: it would run by itself. */
export type DangerId = (typeof dangerIds)[number];

export type MergeKind =
  /** Only the sandbox changed it. */
  | 'take'
  /** Both changed it; the merge is clean. */
  | 'auto'
  /** Both changed the same lines. */
  | 'conflict'
  /** Both changed it and it cannot be merged as text. */
  | 'binary'
  /** May not come home at all, such as anything under `.git`. */
  | 'blocked';

export interface Change {
  readonly path: RelPath;
  readonly base: Side;
  readonly theirs: Side;
  readonly ours: Side;
  readonly merge: MergeKind;
  /** What would be written: for `take` theirs, for `auto` the merge. Absent for a deletion, a conflict or a blocked change. */
  readonly result?: Node;
  readonly danger: readonly DangerId[];
  /** A plain sentence for each danger: what would run it. */
  readonly reasons?: readonly string[];
  readonly blockedWhy?: string;
  /** What `result` leaves out, where only a part of the file runs by itself. */
  readonly withheld?: Withheld;
}

/** The part of a change that runs by itself, such as the scripts of a package.json: offered apart once the rest is taken. */
export interface Withheld {
  readonly danger: DangerId;
  /** Names of the parts, such as `scripts`. */
  readonly keys: readonly string[];
  /** What both sides agree on once `result` alone was applied. */
  readonly ancestor: Node;
}

/** Frozen: what was reviewed is what is applied. */
export interface ChangeSet {
  readonly id: ChangeSetId;
  readonly checkpoint: CheckpointId;
  readonly changes: readonly Change[];
  /** Milliseconds since the epoch at which the sandbox side was read. */
  readonly asOf: number;
  /** Some of it has no ancestor: a computer was attached, and it cannot be told which side is newer. */
  readonly twoWay?: boolean;
  /** Over a fifth of the tree vanished, or the pull was not exact: apply asks again. */
  readonly warnings: readonly string[];
}

export interface ApplyStep {
  readonly path: RelPath;
  /** What must stand there right before the rename. */
  readonly expect: Side;
  readonly write: Node | 'absent';
}

export interface ApplyPlan {
  readonly set: ChangeSetId;
  readonly steps: readonly ApplyStep[];
}

/** What an apply did, per path. */
export interface ApplyResult {
  readonly applied: readonly RelPath[];
  readonly skipped: readonly { readonly path: RelPath; readonly why: string }[];
}
