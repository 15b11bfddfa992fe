import { mintId, type CheckpointId } from '../../shared/ids.ts';
import type { RelPath } from '../paths.ts';
import { problemOf } from '../problem.ts';
import type { BlobStore, LocalFolder } from '../storage.ts';
import type { Danger } from './danger.ts';
import { isFolder, takeFoldersPlaces } from './folderKinds.ts';
import { blockedWhy } from './gitProtection.ts';
import { Judge } from './judge.ts';
import type { FolderLink } from './linkedNames.ts';
import { splitPackage, type PackageSplit } from './packageKeys.ts';
import { readAhead } from './readAhead.ts';
import type { Rejections } from './rejections.ts';
import { isFile, resolve, type Resolution } from './resolve.ts';
import { Respelled } from './respelled.ts';
import { maxUploadFileBytes } from './sizes.ts';
import { at, diffTrees, foldersOf, sameSide } from './tree.ts';
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
  const known: Known = {
    judge,
    respelled: new Respelled(ancestor, theirs, patch, options.folder),
    folders: foldersOf([...patch].flatMap(([path, side]) => (side === 'absent' ? [] : [path]))),
  };
  const found: Change[] = [];
  const work = async ([path]: readonly [RelPath, unknown]) => await changeAt(path, options, known);
  for await (const change of readAhead(offered, pathsAhead, work)) if (change !== undefined) found.push(change);
  const changes = takeFoldersPlaces(found, ancestor, new Set(offered.map(([path]) => path)));
  return { id: mintId('change-set'), checkpoint, changes, asOf, warnings };
}

/** What is known of a comparison as a whole. */
interface Known {
  readonly judge: Judge;
  readonly respelled: Respelled;
  /** Folders of the sandbox in which something is new. */
  readonly folders: ReadonlySet<RelPath>;
}

/** Undefined where this side came to the same by itself. */
async function changeAt(
  path: RelPath,
  { ancestor, theirs: tree, folder, blobs }: CompareOptions,
  { judge, respelled, folders }: Known,
): Promise<Change | undefined> {
  const theirs = at(tree, path);
  const never = blockedWhy(path);
  if (never !== undefined) return blocked(path, at(ancestor, path), theirs, 'unknown', never);
  const twin = await respelled.twinOf(path);
  if (twin !== undefined && theirs === 'absent') return undefined;
  const base = at(ancestor, twin ?? path);
  const standing = await folder.side(path);
  const isSame = sameSide(standing.side, theirs) || (isFolder(standing.side) && folders.has(path));
  if (twin !== undefined && (isSame || standing.side === 'unknown')) {
    const why = `The sandbox spells the name of ${twin} like this. This disk takes both for one file: rename it here yourself.`;
    return blocked(path, base, theirs, standing.side, why);
  }
  if (isSame) return undefined;
  const { ours, why } = await keep(path, standing, folder, blobs);
  if (ours === 'unknown' || why !== undefined) return blocked(path, base, theirs, ours, why ?? unread);
  const dangers = await judge.dangers(path, base, theirs);
  return await merged({ path, base, theirs, ours }, dangers, blobs, judge.isPackageManifest(path));
}

const unread = 'What stands there on this machine cannot be read.';
const tooLarge = 'What stands there on this machine is too large to be kept, so nothing may take its place.';

/** Puts what stands here into the store; `why` where that cannot be. */
async function keep(
  path: RelPath,
  { side, bytes }: Awaited<ReturnType<LocalFolder['side']>>,
  folder: LocalFolder,
  blobs: BlobStore,
): Promise<{ readonly ours: Side; readonly why?: string }> {
  if (bytes !== undefined) await blobs.put(bytes);
  if (!isFile(side) || bytes !== undefined || (await blobs.has(side.blob))) return { ours: side };
  if (side.size > maxUploadFileBytes) return { ours: side, why: tooLarge };
  try {
    // It may have changed since it was hashed: what is kept is what counts.
    return { ours: { ...side, ...(await blobs.putStream(folder.read(path), maxUploadFileBytes)) } };
  } catch (error) {
    const { id } = problemOf(error, 'storage-failed');
    if (id === 'storage-failed') throw error;
    return { ours: side, why: id === 'limit' ? tooLarge : unread };
  }
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
