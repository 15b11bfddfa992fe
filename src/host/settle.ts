import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { RelPath } from '../core/paths.ts';
import { sameSide } from '../core/sync/tree.ts';
import type { ApplyResult } from '../core/sync/types.ts';
import type { ActContext } from './actContext.ts';
import { sideOf } from './folder.ts';
import { folderOf, RealFolders } from './insideFolder.ts';
import type { Act, JournalStep } from './journal.ts';
import { tempName, whySkipped } from './performAct.ts';
import { place, removeEmptyFolders } from './place.ts';

const interrupted = 'It was interrupted; this file is as it was before.';
const movedOn = 'It was interrupted, and this file has changed since: it was left as it is.';

/**
 * Settles what a crash left open. Where every step had been done, the act is committed; else what was done is taken
 * back. A file that is neither as before nor as written is left alone and reported. Undefined where nothing was open.
 */
export async function settleOpenAct(work: ActContext): Promise<ApplyResult | undefined> {
  const act = work.journal.open;
  if (act === undefined) return undefined;
  await removeTemps(work.root, act);
  const todo = [...act.steps.entries()].filter(([index]) => !act.skipped.has(index));
  const states = new Map<number, 'written' | 'before' | 'other'>();
  for (const [index, step] of todo) states.set(index, await stateOf(work.root, step));
  const known = [...act.skipped].map(([index, why]) => ({ path: act.steps[index]?.path, why }));
  const skipped = known.filter((one): one is { path: RelPath; why: string } => one.path !== undefined);
  if (todo.every(([index]) => states.get(index) === 'written')) {
    await work.journal.commit(act, skipped.length === 0 ? act.undoes : undefined);
    await work.onPoint({ at: 'settled' });
    return act.undoes === undefined ? { applied: todo.map(([, { path }]) => path), skipped } : undefined;
  }
  return await takeBack(work, act, todo, states, skipped);
}

async function takeBack(
  work: ActContext,
  act: Act,
  todo: readonly [number, JournalStep][],
  states: ReadonlyMap<number, 'written' | 'before' | 'other'>,
  skipped: { path: RelPath; why: string }[],
): Promise<ApplyResult> {
  const applied: RelPath[] = [];
  const reasons = new Map<number, string>();
  for (const [index, step] of [...todo].reverse()) {
    const state = states.get(index);
    const failed = state === 'written' ? await restore(work, act, step, index) : undefined;
    await work.onPoint({ at: 'restored', step: index });
    if (failed === undefined) reasons.set(index, state === 'other' ? movedOn : interrupted);
    else applied.push(step.path);
  }
  for (const [index, why] of reasons) {
    const path = act.steps[index]?.path;
    if (path !== undefined) skipped.push({ path, why });
  }
  await removeEmptyFolders(work.root, act.makes);
  if (applied.length === 0) {
    await work.journal.rolledBack(act);
  } else {
    // Some of it could not be taken back: then that much was done, and can still be undone.
    for (const [index, why] of reasons) await work.journal.skipped(act, index, why);
    await work.journal.commit(act, undefined);
  }
  await work.onPoint({ at: 'settled' });
  return { applied: act.undoes === undefined ? applied : [], skipped };
}

/** Brings the before-image back; the reason where that failed. */
async function restore(work: ActContext, act: Act, step: JournalStep, index: number): Promise<string | undefined> {
  const { path, before, write, mode } = step;
  const kept = mode === undefined ? {} : { mode };
  const temp = tempName(act, index);
  return await whySkipped(() => place(work.root, { path, expect: write, write: before, temp, ...kept }, work.blobs));
}

async function stateOf(root: string, { path, before, write }: JournalStep): Promise<'written' | 'before' | 'other'> {
  const { side } = await sideOf(root, path);
  if (sameSide(side, write)) return 'written';
  return sameSide(side, before) ? 'before' : 'other';
}

/** Scratch files carry the act's random id: they can only be ours. */
async function removeTemps(root: string, act: Act): Promise<void> {
  const folders = new RealFolders(root);
  for (const [index, { path }] of act.steps.entries()) {
    const temp = join(folderOf(path), tempName(act, index));
    if (await folders.hold(temp)) await unlink(join(root, temp)).catch(() => undefined);
  }
}
