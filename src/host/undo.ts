import type { RelPath } from '../core/paths.ts';
import { isFile, mergeFiles } from '../core/sync/resolve.ts';
import { sameSide } from '../core/sync/tree.ts';
import type { ApplyResult, Node } from '../core/sync/types.ts';
import { keepSide, modeOf, type ActContext } from './actContext.ts';
import { sideOf } from './folder.ts';
import { isOnTheWay } from './folderExchange.ts';
import type { Act, JournalStep } from './journal.ts';
import { Skip } from './place.ts';

/** The steps of an act that were done. */
function doneSteps(act: Act): readonly JournalStep[] {
  return act.steps.filter((_step, index) => !act.skipped.has(index));
}

/** Files of an act that are now neither as it wrote them nor as they were before it. */
export async function changedSince(root: string, act: Act): Promise<readonly RelPath[]> {
  const changed: RelPath[] = [];
  for (const step of doneSteps(act)) {
    const { side } = await sideOf(root, step.path);
    const isKnown = sameSide(side, step.write) || sameSide(side, step.before) || isOnTheWay(act, step, side);
    if (!isKnown) changed.push(step.path);
  }
  return changed;
}

/** What an undo has to do, what is as it was already, and what it leaves alone. */
export interface UndoPlan {
  readonly steps: readonly JournalStep[];
  readonly restored: readonly RelPath[];
  readonly skipped: ApplyResult['skipped'];
}

/**
 * Plans to take an act back. What changed since keeps these changes where they merge with the before-image; `overwrite`
 * takes the before-image whole.
 */
export async function planUndo(work: ActContext, act: Act, overwrite: ReadonlySet<RelPath>): Promise<UndoPlan> {
  const steps: JournalStep[] = [];
  const restored: RelPath[] = [];
  const skipped: { path: RelPath; why: string }[] = [];
  for (const done of doneSteps(act)) {
    try {
      const step = await undoStep(work, act, done, overwrite);
      if (step === undefined) restored.push(done.path);
      else steps.push(step);
    } catch (error) {
      if (!(error instanceof Skip)) throw error;
      skipped.push({ path: done.path, why: error.why });
    }
  }
  return { steps, restored, skipped };
}

async function undoStep(
  work: ActContext,
  act: Act,
  done: JournalStep,
  overwrite: ReadonlySet<RelPath>,
): Promise<JournalStep | undefined> {
  const { path, before, write, mode } = done;
  const { side: now } = await keepSide(work, path);
  if (sameSide(now, before)) return undefined;
  const whole = sameSide(now, write) || isOnTheWay(act, done, now) || overwrite.has(path);
  const target = whole ? before : await merged(work, write, now, before);
  const kept = mode === undefined ? await modeOf(work.root, path) : { mode };
  return { path, before: now, write: target, ...kept };
}

/** What was there before with the edits made since; throws {@link Skip} where these do not merge. */
async function merged(
  { blobs }: ActContext,
  write: Node | 'absent',
  now: Node | 'absent',
  before: Node | 'absent',
): Promise<Node | 'absent'> {
  if (!isFile(write) || !isFile(now) || !isFile(before)) throw new Skip('It changed since, and cannot be merged.');
  const result = await mergeFiles(write, now, before, blobs);
  if (result.merge === 'conflict') throw new Skip('The same lines changed since.');
  return result.write ?? skip('It changed since, and is not text that can be merged.');
}

function skip(why: string): never {
  throw new Skip(why);
}
