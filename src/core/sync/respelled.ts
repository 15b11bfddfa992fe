import { foldKey, type RelPath } from '../paths.ts';
import type { LocalFolder } from '../storage.ts';
import { sameSide, type TreePatch } from './tree.ts';
import type { Tree } from './types.ts';

/**
 * Files of which the sandbox changed nothing but the spelling of the name, as far as some disks can tell: there the new
 * name leads to the file under the old one, and to delete the old one would delete the file.
 */
export class Respelled {
  readonly #folder: LocalFolder;
  readonly #twins = new Map<RelPath, RelPath>();

  constructor(ancestor: Tree, theirs: Tree, patch: TreePatch, folder: LocalFolder) {
    this.#folder = folder;
    const gone = new Map([...patch].flatMap(([path, side]) => (side === 'absent' ? [[foldKey(path), path]] : [])));
    if (gone.size === 0) return;
    for (const made of theirs.keys()) {
      const old = gone.get(foldKey(made));
      if (old === undefined) continue;
      this.#twins.set(old, made);
      if (!ancestor.has(made)) this.#twins.set(made, old);
    }
  }

  /** The other name of a file, where this machine's disk takes both names for the same file. */
  async twinOf(path: RelPath): Promise<RelPath | undefined> {
    const twin = this.#twins.get(path);
    if (twin === undefined) return undefined;
    const [{ side: one }, { side: other }] = await Promise.all([this.#folder.side(path), this.#folder.side(twin)]);
    if (one === 'absent' || other === 'absent') return undefined;
    return one === 'unknown' || other === 'unknown' || sameSide(one, other) ? twin : undefined;
  }
}
