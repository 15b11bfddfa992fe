import { mintId, type CheckpointId } from '../../shared/ids.ts';
import type { RelPath } from '../paths.ts';
import type { BlobStore, LocalFolder } from '../storage.ts';
import type { Danger } from './danger.ts';
import { blockedWhy } from './gitProtection.ts';
import { Judge } from './judge.ts';
import type { FolderLink } from './linkedNames.ts';
import { splitPackage, type PackageSplit } from './packageKeys.ts';
import { readAhead } from './readAhead.ts';
import type { Rejections } from './rejections.ts';
import { isFile, resolve, type Resolution } from './resolve.ts';
import { at, diffTrees, sameSide } from './tree.ts';
import type { Change, ChangeSet, Node, Side, Tree, Withheld } from './types.ts';

export { contentKey, Rejections } from './rejections.ts';

export interface CompareOptions {
  readonly ancestor: Tree;
  readonly theirs: Tree;
  /** Paths whose state inside could not be read at the last pull. */
  readonly unknown: ReadonlySet<RelPath>;
  readonly folder: LocalFolder;
  readonly blobs: BlobStore;
  readonly rejections: Rejections;
  readonly checkpoint: CheckpointId;
  /** When the sandbox's side was read, in milliseconds since the epoch. */
  readonly asOf: number;
  readonly warnings: readonly string[];
  /** What `LocalFolder.hooks` told: git on this machine runs it. */
  readonly hooks?: ReadonlySet<RelPath>;
  /** What `LocalFolder.links` told: a file here may have other names, by which it is obeyed. */
  readonly links?: readonly FolderLink[];
}

/** Files of this machine that are read and merged at once. */
const pathsAhead = 8;

/**
 * What the sandbox changed since both sides last agreed, merged with what stands here now. Every content that is shown
 * or may be written lies in the store afterwards, so that what is reviewed is what is applied.
 */
export async function computeChanges(options: CompareOptions): Promise<ChangeSet> {
  const { ancestor, theirs, unknown, rejections, checkpoint, asOf, warnings } = options;
  const patch = diffTrees(ancestor, theirs);
  const judge = new Judge(options, patch);
  const offered = [...patch].filter(
    ([path, side]) => !rejections.has(path, side) && !(side === 'absent' && unknown.has(path)),
  );
  const changes: Change[] = [];
  const work = async ([path]: readonly [RelPath, unknown]) => await changeAt(path, options, judge);
  for await (const change of readAhead(offered, pathsAhead, work)) if (change !== undefined) changes.push(change);
  return { id: mintId('change-set'), checkpoint, changes, asOf, warnings };
}

/** Undefined where this side came to the same by itself. */
async function changeAt(
  path: RelPath,
  { ancestor, theirs: tree, folder, blobs }: CompareOptions,
  judge: Judge,
): Promise<Change | undefined> {
  const base = at(ancestor, path);
  const theirs = at(tree, path);
  const never = blockedWhy(path);
  if (never !== undefined) return blocked(path, base, theirs, 'unknown', never);
  const { side: ours, bytes } = await folder.side(path);
  if (sameSide(ours, theirs)) return undefined;
  const isUnread = ours === 'unknown' || (isFile(ours) && bytes === undefined);
  if (isUnread) return blocked(path, base, theirs, ours, 'What stands there on this machine cannot be read.');
  if (bytes !== undefined) await blobs.put(bytes);
  const dangers = await judge.dangers(path, base, theirs);
  return await merged({ path, base, theirs, ours }, dangers, blobs, judge.isPackageManifest(path));
}

function blocked(path: RelPath, base: Side, theirs: Side, ours: Side, blockedWhy: string): Change {
  return { path, base, theirs, ours, merge: 'blocked', danger: [], blockedWhy };
}

interface Sides {
  readonly path: RelPath;
  readonly base: Node | 'absent';
  readonly theirs: Node | 'absent';
  readonly ours: Node | 'absent';
}

async function merged(sides: Sides, dangers: Danger[], blobs: BlobStore, isPackage: boolean): Promise<Change> {
  const { path, base, theirs, ours } = sides;
  const whole = await resolve(base, ours, theirs, blobs);
  const split: PackageSplit = isPackage ? await packageSplit(sides, blobs) : { kind: 'harmless' };
  if (split.kind === 'mixed') {
    const safe = await withoutRunningKeys(sides, split, whole, blobs);
    if (safe !== undefined) return asChange(sides, safe.resolution, dangers, safe.withheld);
  }
  if (split.kind !== 'harmless') dangers.push(packageDanger(path, split.keys));
  return asChange(sides, whole, dangers);
}

function asChange(sides: Sides, { merge, write }: Resolution, dangers: readonly Danger[], withheld?: Withheld): Change {
  return {
    ...sides,
    merge,
    ...(write === undefined || write === 'absent' ? {} : { result: write }),
    danger: dangers.map(({ id }) => id),
    ...(dangers.length === 0 ? {} : { reasons: dangers.map(({ reason }) => reason) }),
    ...(withheld === undefined ? {} : { withheld }),
  };
}

async function packageSplit({ base, theirs }: Sides, blobs: BlobStore): Promise<PackageSplit> {
  if (!isFile(theirs)) return { kind: 'harmless' };
  return splitPackage(isFile(base) ? await blobs.get(base.blob) : undefined, await blobs.get(theirs.blob));
}

function packageDanger(path: RelPath, keys: readonly string[]): Danger {
  const what = keys.length === 0 ? 'It cannot be told apart what in it' : `${keys.join(', ')} in ${path}`;
  return {
    id: 'package-script',
    reason: `${what} may run by itself: at the next install, commit or test, or in the editor.`,
  };
}

/** The change without its running keys; undefined where these cannot be kept apart from a merge with this side. */
async function withoutRunningKeys(
  { base, ours, theirs }: Sides,
  split: PackageSplit & { kind: 'mixed' },
  whole: Resolution,
  blobs: BlobStore,
): Promise<{ resolution: Resolution; withheld: Withheld } | undefined> {
  if (!isFile(theirs) || whole.write === undefined || whole.write === 'absent') return undefined;
  const ancestor: Node = { ...theirs, blob: await blobs.put(split.safe), size: split.safe.length };
  const resolution = await resolve(base, ours, ancestor, blobs);
  if (resolution.write === undefined || sameSide(resolution.write, ours)) return undefined;
  return { resolution, withheld: { danger: 'package-script', keys: split.keys, ancestor } };
}
