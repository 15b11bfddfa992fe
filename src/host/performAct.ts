import type { RelPath } from '../core/paths.ts';
import { sameSide } from '../core/sync/tree.ts';
import type { ApplyResult } from '../core/sync/types.ts';
import type { ActContext } from './actContext.ts';
import { errorCode } from './diskErrors.ts';
import { sideOf } from './folder.ts';
import type { Act, JournalStep } from './journal.ts';
import { place, removeEmptyFolders, Skip } from './place.ts';

/** Does every step of an act that was begun, and notes each. A step that cannot be done is skipped with its reason. */
export async function perform(work: ActContext, act: Act): Promise<ApplyResult> {
  const applied: RelPath[] = [];
  const skipped: { path: RelPath; why: string }[] = [];
  for (const index of orderOf(act.steps)) {
    const step = act.steps[index];
    if (step === undefined) continue;
    const why = work.signal.aborted ? 'It was stopped before this file.' : await tryPlace(work, act, step, index);
    await work.onPoint({ at: 'placed', step: index });
    if (why === undefined) {
      await work.journal.did(act, index);
      if (await isInPlace(work, step)) applied.push(step.path);
      else skipped.push({ path: step.path, why: 'It was written, and changed again right after.' });
    } else {
      await work.journal.skipped(act, index, why);
      skipped.push({ path: step.path, why });
    }
    await work.onPoint({ at: 'noted', step: index });
  }
  await removeUnusedFolders(work, act);
  return { applied, skipped };
}

/** Removes folders that were made for a file which then was skipped, and those of the apply that an undo takes back. */
export async function removeUnusedFolders({ journal, root }: ActContext, act: Act): Promise<void> {
  const makes = journal.acts.find(({ id }) => id === act.undoes)?.makes ?? act.makes;
  const isWanted = ({ write }: JournalStep) => write !== 'absent' && write.t === 'dir';
  const wanted = new Set(act.steps.filter(isWanted).map(({ path }) => path));
  await removeEmptyFolders(
    root,
    makes.filter((folder) => !wanted.has(folder)),
  );
}

/** Deletions first, the deepest before the ones above; then what is written, outermost first. */
export function orderOf(steps: readonly JournalStep[]): readonly number[] {
  const depth = (index: number) => steps[index]?.path.split('/').length ?? 0;
  const all = [...steps.keys()];
  const deletions = all.filter((index) => steps[index]?.write === 'absent').sort((a, b) => depth(b) - depth(a));
  const writes = all.filter((index) => steps[index]?.write !== 'absent').sort((a, b) => depth(a) - depth(b));
  return [...deletions, ...writes];
}

async function tryPlace(work: ActContext, act: Act, step: JournalStep, index: number): Promise<string | undefined> {
  const { path, before, write, mode } = step;
  const kept = mode === undefined ? {} : { mode };
  const temp = tempName(act, index);
  return await whySkipped(() => place(work.root, { path, expect: before, write, temp, ...kept }, work.blobs));
}

/** Runs a placement; the reason where it could not be done. */
export async function whySkipped(act: () => Promise<void>): Promise<string | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    if (error instanceof Skip) return error.why;
    const why = errorCode(error) ?? (error instanceof Error ? error.message : String(error));
    return `It could not be written (${why}).`;
  }
}

async function isInPlace({ root }: ActContext, { path, write }: JournalStep): Promise<boolean> {
  const { side } = await sideOf(root, path);
  if (typeof side !== 'string' && side.t === 'file' && typeof write !== 'string' && write.t === 'file') {
    // Some file systems have no executable bit; the bytes are what was promised.
    return side.blob === write.blob;
  }
  return sameSide(side, write);
}

/** The scratch file of one step: its name tells whose it is, so that it can be removed after a crash. */
export function tempName(act: Act, step: number): string {
  return `.airlock-${act.id}-${step}.tmp`;
}
