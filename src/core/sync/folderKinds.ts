import type { RelPath } from '../paths.ts';
import type { Change, Side, Tree } from './types.ts';

/**
 * A file of the sandbox where a folder stands here is taken like any other change if the same set takes away all that
 * both sides knew in that folder. What else lies in it here is found when it is applied.
 */
export function takeFoldersPlaces(
  changes: readonly Change[],
  ancestor: Tree,
  offered: ReadonlySet<RelPath>,
): readonly Change[] {
  const merges = new Map(changes.map(({ path, merge }) => [path, merge]));
  const leaves = (path: RelPath) => offered.has(path) && (merges.get(path) ?? 'take') === 'take';
  return changes.map((change) => {
    const { path, base, theirs, ours, merge } = change;
    const isFolderHere = merge === 'conflict' && base === 'absent' && isFolder(ours);
    if (!isFolderHere || typeof theirs === 'string' || isFolder(theirs)) return change;
    const inside = [...ancestor.keys()].filter((one) => one.startsWith(`${path}/`));
    return inside.length > 0 && inside.every(leaves) ? { ...change, merge: 'take', result: theirs } : change;
  });
}

export function isFolder(side: Side): boolean {
  return typeof side === 'object' && side.t === 'dir';
}
