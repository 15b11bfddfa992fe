import { parentOf, type RelPath } from '../paths.ts';
import type { Node, Side, Tree } from './types.ts';

/** Changes to a tree: what shall stand at each path. */
export type TreePatch = ReadonlyMap<RelPath, Node | 'absent'>;

export const emptyTree: Tree = new Map();

/** The order in which paths are listed and written everywhere: by code unit, so that it never depends on a language. */
export function byPath(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The same tree with its paths in canonical order. */
export function ordered(tree: Tree): Tree {
  return new Map([...tree].sort(([a], [b]) => byPath(a, b)));
}

/** True where both sides hold the same content of the same kind; modes other than the executable bit do not count. */
export function sameSide(a: Side, b: Side): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  if (a.t === 'file') return b.t === 'file' && a.blob === b.blob && a.exec === b.exec;
  if (a.t === 'link') return b.t === 'link' && a.target === b.target;
  return b.t === 'dir';
}

/** What stands at `path` in a tree that is known whole. */
export function at(tree: Tree, path: RelPath): Node | 'absent' {
  return tree.get(path) ?? 'absent';
}

/** What must change in `from` to make it `to`, in canonical order. */
export function diffTrees(from: Tree, to: Tree): TreePatch {
  const patch = new Map<RelPath, Node | 'absent'>();
  for (const path of new Set([...from.keys(), ...to.keys()])) {
    const now = at(to, path);
    if (!sameSide(at(from, path), now)) patch.set(path, now);
  }
  return new Map([...patch].sort(([a], [b]) => byPath(a, b)));
}

/** `tree` with a patch applied. */
export function patchTree(tree: Tree, patch: TreePatch): Tree {
  const next = new Map(tree);
  for (const [path, node] of patch) {
    if (node === 'absent') next.delete(path);
    else next.set(path, node);
  }
  return next;
}

/** Every folder that holds one of `paths`, up to the root (which is not listed). */
export function foldersOf(paths: Iterable<RelPath>): Set<RelPath> {
  const folders = new Set<RelPath>();
  for (const path of paths) {
    for (let up = parentOf(path); up !== undefined && !folders.has(up); up = parentOf(up)) folders.add(up);
  }
  return folders;
}

/** True when `path` is one of `roots` or lies below one. */
export function isWithin(path: RelPath, roots: ReadonlySet<RelPath>): boolean {
  if (roots.size === 0) return false;
  for (let up: RelPath | undefined = path; up !== undefined; up = parentOf(up)) if (roots.has(up)) return true;
  return false;
}
