import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { RelPath } from '../core/paths.ts';
import { sameSide } from '../core/sync/tree.ts';
import type { ApplyResult, Side } from '../core/sync/types.ts';
import type { ActContext } from './actContext.ts';
import { sideOf } from './folder.ts';
import { hasGap, isOnTheWay } from './folderExchange.ts';
import { folderOf, RealFolders } from './insideFolder.ts';
import type { Act } from './journal.ts';
import { orderOf, removeUnusedFolders, tempName, whySkipped } from './performAct.ts';
import { place, removeEmptyFolders } from './place.ts';

const interrupted = 'It was interrupted; this file is as it was before.';
const movedOn = 'It was interrupted, and this file has changed since: it was left as it is.';

/** How far a step came, as the disk tells. */
interface State {
  /** `begun`: a folder and a file take each other's place, and neither stands there. */
  readonly is: 'written' | 'begun' | 'before' | 'other';
  readonly now: Side;
}

/**
 * Settles what a crash left open. Where every step had been done, the act is committed; else what was done is taken
 * back. A file that is neither as before nor as written is left alone and reported. Undefined where nothing was open.
 */
export async function settleOpenAct(work: ActContext): Promise<ApplyResult | undefined> {
  const act = work.journal.open;
  if (act === undefined) return undefined;
  await removeTemps(work.root, act);
  const todo = orderOf(act.steps).filter((index) => !act.skipped.has(index));
  const states = new Map<number, State>();
  for (const index of todo) states.set(index, await stateOf(work.root, act, index));
  const known = [...act.skipped].map(([index, why]) => ({ path: act.steps[index]?.path, why }));
  const skipped = known.filter((one): one is { path: RelPath; why: string } => one.path !== undefined);
  if (todo.every((index) => states.get(index)?.is === 'written')) {
    await removeUnusedFolders(work, act);
    await work.journal.commit(act, skipped.length === 0 ? act.undoes : undefined);
    await work.onPoint({ at: 'settled' });
    return act.undoes === undefined ? { applied: pathsAt(act, todo), skipped } : undefined;
  }
  return await takeBack(work, act, states, skipped);
}

/** Takes back what was done, the last step first. */
async function takeBack(
  work: ActContext,
  act: Act,
  states: ReadonlyMap<number, State>,
  skipped: { path: RelPath; why: string }[],
): Promise<ApplyResult> {
  const done: number[] = [];
  const reasons = new Map<number, string>();
  for (const [index, { is, now }] of [...states].reverse()) {
    const failed = is === 'written' || is === 'begun' ? await restore(work, act, index, now) : undefined;
    await work.onPoint({ at: 'restored', step: index });
    if (failed === undefined) reasons.set(index, is === 'other' ? movedOn : interrupted);
    else done.push(index);
  }
  for (const [index, why] of reasons) {
    const path = act.steps[index]?.path;
    if (path !== undefined) skipped.push({ path, why });
  }
  await removeEmptyFolders(work.root, act.makes);
  if (done.length === 0) {
    await work.journal.rolledBack(act);
  } else {
    // Some of it could not be taken back: then that much was done, and can still be undone.
    for (const [index, why] of reasons) await work.journal.skipped(act, index, why);
    await work.journal.commit(act, undefined);
  }
  await work.onPoint({ at: 'settled' });
  return { applied: act.undoes === undefined ? pathsAt(act, done) : [], skipped };
}

function pathsAt(act: Act, indexes: readonly number[]): readonly RelPath[] {
  return indexes.flatMap((index) => act.steps[index]?.path ?? []);
}

/** Brings the before-image back; the reason where that failed. */
async function restore(work: ActContext, act: Act, index: number, now: Side): Promise<string | undefined> {
  const step = act.steps[index];
  if (step === undefined || now === 'unknown') return movedOn;
  const { path, before, mode } = step;
  const kept = mode === undefined ? {} : { mode };
  const temp = tempName(act, index);
  return await whySkipped(() => place(work.root, { path, expect: now, write: before, temp, ...kept }, work.blobs));
}

async function stateOf(root: string, act: Act, index: number): Promise<State> {
  const step = act.steps[index];
  if (step === undefined) return { is: 'other', now: 'unknown' };
  const { side: now } = await sideOf(root, step.path);
  const isWritten = sameSide(now, step.write) || isOnTheWay(act, step, now);
  if (isWritten) return { is: 'written', now };
  if (sameSide(now, step.before)) return { is: 'before', now };
  return { is: now === 'absent' && hasGap(step) ? 'begun' : 'other', now };
}

/** Scratch files carry the act's random id: they can only be ours. */
async function removeTemps(root: string, act: Act): Promise<void> {
  const folders = new RealFolders(root);
  for (const [index, { path }] of act.steps.entries()) {
    const temp = join(folderOf(path), tempName(act, index));
    if (await folders.hold(temp)) await unlink(join(root, temp)).catch(() => undefined);
  }
}
