import type { RelPath } from '../paths.ts';
import type { LocalFolder } from '../storage.ts';
import { readAhead } from './readAhead.ts';
import { restrictManifest } from './manifest.ts';
import { secretContent } from './secrets.ts';
import { at, foldersOf, patchTree, sameSide, type TreePatch } from './tree.ts';
import type { HeldBack, Node, SecretKind, Side, Tree, UploadManifest } from './types.ts';

const filesAhead = 16;

export interface PushSides {
  readonly ancestor: Tree;
  readonly theirs: Tree;
  /** What could not be read inside: left alone. */
  readonly unknown?: ReadonlySet<RelPath>;
}

/** What a later turn would send. */
export interface PushPlan {
  /** Only the files that changed here since the ancestor. Its `rulesId` is that of the whole folder. */
  readonly manifest: UploadManifest;
  /** Files of the ancestor that are gone here. */
  readonly deletions: readonly RelPath[];
  /** Changed on both sides: the review merges them, nothing is overwritten inside. */
  readonly leftForMerge: readonly RelPath[];
  /** The same on both sides by now: the ancestor moves without a byte being sent. */
  readonly converged: TreePatch;
  /** Tags of files that were hashed and are unchanged, so that the next plan need not hash them. */
  readonly tags: ReadonlyMap<RelPath, string>;
}

/**
 * Finds what changed here since the ancestor. A file whose tag is the remembered one is taken as unchanged; every other
 * one is hashed. A path that merely stopped being listed (ignored or held back by now) is no deletion.
 */
export async function planPush(
  whole: UploadManifest,
  sides: PushSides,
  knownTags: ReadonlyMap<RelPath, string>,
  folder: LocalFolder,
): Promise<PushPlan> {
  const tags = await tagsOf(whole, folder);
  const unchanged = (path: RelPath) => {
    const known = knownTags.get(path);
    return known !== undefined && known === tags.get(path) && sides.ancestor.has(path);
  };
  const listed = new Set(whole.files.map(({ path }) => path));
  const gone = [...sides.ancestor.keys()].filter((path) => !listed.has(path));
  const plan = new Plan(sides);
  const included = new Set(whole.included);
  const look = async (path: RelPath) => {
    const { side: ours, bytes } = await folder.side(path);
    const isScanned = bytes !== undefined && !included.has(path);
    return { path, ours, secret: isScanned ? secretContent(path, bytes) : undefined };
  };
  const doubtful = whole.files.filter(({ path }) => !unchanged(path)).map(({ path }) => path);
  for await (const { path, ours, secret } of readAhead(doubtful, filesAhead, look)) {
    if (secret === undefined) plan.add(path, ours, tags.get(path));
    else plan.hold(heldFor(path, secret, ours));
  }
  for await (const { path, ours } of readAhead(gone, filesAhead, look)) if (ours === 'absent') plan.add(path, ours);
  return plan.result(whole);
}

/** With size and mode, so that a person may choose to send it all the same. */
function heldFor(path: RelPath, secret: SecretKind, ours: Side): HeldBack {
  const file = typeof ours === 'object' && ours.t === 'file' ? { size: ours.size, exec: ours.exec } : {};
  return { path, rule: 'secret-content', secret, ...file };
}

/** Most files were looked at when they were listed, which is before any of them is read. */
async function tagsOf({ files }: UploadManifest, folder: LocalFolder): Promise<ReadonlyMap<RelPath, string>> {
  const untagged = files.filter(({ tag }) => tag === undefined).map(({ path }) => path);
  const tags = new Map(untagged.length === 0 ? [] : await folder.tags(untagged));
  for (const { path, tag } of files) if (tag !== undefined) tags.set(path, tag);
  return tags;
}

class Plan {
  readonly #sides: PushSides;
  readonly #send = new Set<RelPath>();
  readonly #held: HeldBack[] = [];
  readonly #deletions: RelPath[] = [];
  readonly #leftForMerge: RelPath[] = [];
  readonly #converged = new Map<RelPath, Node | 'absent'>();
  readonly #tags = new Map<RelPath, string>();

  constructor(sides: PushSides) {
    this.#sides = sides;
  }

  add(path: RelPath, ours: Side, tag?: string): void {
    const base = at(this.#sides.ancestor, path);
    const theirs = at(this.#sides.theirs, path);
    if (ours === 'unknown') return;
    if (sameSide(ours, base)) {
      if (tag !== undefined) this.#tags.set(path, tag);
    } else if (this.#sides.unknown?.has(path) === true) this.#leftForMerge.push(path);
    else if (sameSide(ours, theirs)) this.#converged.set(path, ours);
    else if (!sameSide(base, theirs)) this.#leftForMerge.push(path);
    else if (ours === 'absent') this.#deletions.push(path);
    else this.#send.add(path);
  }

  hold(held: HeldBack): void {
    this.#held.push(held);
  }

  /** What would have to take the place of a file or a folder that the sandbox keeps is left for the merge too. */
  #setAsideBlocked(): void {
    if (this.#send.size === 0) return;
    const gone = new Set(this.#deletions);
    const kept = new Map([...this.#sides.theirs].filter(([path]) => !gone.has(path)));
    const folders = foldersOf(kept.keys());
    for (const path of [...this.#send]) {
      const isBlocked = [...foldersOf([path])].some((up) => (kept.get(up)?.t ?? 'dir') !== 'dir');
      if (!isBlocked && !folders.has(path)) continue;
      this.#send.delete(path);
      this.#leftForMerge.push(path);
    }
  }

  result(whole: UploadManifest): PushPlan {
    this.#setAsideBlocked();
    return {
      manifest: restrictManifest({ ...whole, held: [...whole.held, ...this.#held] }, this.#send),
      deletions: this.#deletions,
      leftForMerge: this.#leftForMerge,
      converged: this.#converged,
      tags: this.#tags,
    };
  }
}

/** The ancestor after what both sides agree on without our doing. */
export function afterConverged(ancestor: Tree, converged: TreePatch): Tree {
  return patchTree(ancestor, converged);
}
