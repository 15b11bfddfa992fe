import type { RelPath } from '../paths.ts';
import { fail } from '../problem.ts';
import { byPath, patchTree } from './tree.ts';
import type { ApplyPlan, ApplyResult, ApplyStep, Change, ChangeSet, Node, Tree } from './types.ts';

/** Which changes of a set come home, and how. */
export interface Chosen {
  readonly paths: ReadonlySet<RelPath>;
  /** Taken whole from the sandbox whatever stands here, also where both sides changed. */
  readonly takeTheirs: ReadonlySet<RelPath>;
}

/**
 * What an apply would write: the contents that were reviewed, each only where there still stands what stood there at the
 * review. Deletions come first, the deepest before its folder. Throws `bad-input` for a path that is not in the set, may
 * not come home, or waits for a decision that was not made; then nothing is planned.
 */
export function planApply(set: ChangeSet, chosen: Chosen): ApplyPlan {
  const changes = new Map(set.changes.map((change) => [change.path, change]));
  const steps = [...chosen.paths].map((path): ApplyStep => {
    const change = changes.get(path) ?? fail('bad-input', `${path} is not among the reviewed changes.`);
    return { path, expect: change.ours, write: written(change, chosen) };
  });
  const deletions = steps.filter(({ write }) => write === 'absent').sort((a, b) => byPath(b.path, a.path));
  const writes = steps.filter(({ write }) => write !== 'absent').sort((a, b) => byPath(a.path, b.path));
  return { set: set.id, steps: [...deletions, ...writes] };
}

function written(change: Change, chosen: Chosen): Node | 'absent' {
  const { path, theirs, merge, result } = change;
  if (merge === 'blocked') fail('bad-input', `${path} cannot come home. ${change.blockedWhy ?? ''}`.trim());
  if (theirs === 'unknown' || change.ours === 'unknown') fail('bad-input', `${path} could not be read.`);
  if (chosen.takeTheirs.has(path)) return theirs;
  if (merge === 'conflict' || merge === 'binary') {
    fail('bad-input', `${path} was changed on both sides. Choose a side first.`);
  }
  if (result !== undefined) return result;
  return theirs === 'absent' ? 'absent' : fail('bad-input', `${path} has no content to write.`);
}

/**
 * What both sides agree on after an apply: theirs for what was applied, for a part of it the ancestor with that part.
 * What was skipped stays as it was and is offered again.
 */
export function afterApply(ancestor: Tree, set: ChangeSet, chosen: Chosen, result: ApplyResult): Tree {
  const applied = new Set(result.applied);
  const patch = new Map<RelPath, Node | 'absent'>();
  for (const change of set.changes) {
    if (!applied.has(change.path) || change.theirs === 'unknown') continue;
    const { path, withheld } = change;
    const isPart = withheld !== undefined && !chosen.takeTheirs.has(path);
    patch.set(path, isPart ? withheld.ancestor : change.theirs);
  }
  return patchTree(ancestor, patch);
}

/** What both sides agree on after an undo: what they did before, so that the changes are offered again. */
export function afterUndo(ancestor: Tree, set: ChangeSet, undone: ApplyResult): Tree {
  const restored = new Set(undone.applied);
  const patch = new Map<RelPath, Node | 'absent'>();
  for (const { path, base } of set.changes) if (restored.has(path) && base !== 'unknown') patch.set(path, base);
  return patchTree(ancestor, patch);
}
