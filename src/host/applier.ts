import { realpath } from 'node:fs/promises';
import { isUnderGit } from '../core/gitNames.ts';
import type { RelPath } from '../core/paths.ts';
import { fail } from '../core/problem.ts';
import type { Applier, BlobStore, LocalFolder } from '../core/storage.ts';
import { sameSide } from '../core/sync/tree.ts';
import type { ApplyPlan, ApplyResult, ApplyStep, Node } from '../core/sync/types.ts';
import type { ChangeSetId } from '../shared/ids.ts';
import { keepSide, modeOf, type ActContext, type ActPoint } from './actContext.ts';
import { staysInsideAsWritten } from './entries.ts';
import { withoutFullFolders } from './folderExchange.ts';
import { Journal, type JournalStep } from './journal.ts';
import { changedHere, missingFolders, Skip } from './place.ts';
import { perform } from './performAct.ts';
import { settleOpenAct } from './settle.ts';
import { changedSince, planUndo } from './undo.ts';

export interface ApplierOptions {
  /** The session's journal; created at the first apply. */
  readonly journalFile: string;
  readonly folder: Pick<LocalFolder, 'path'>;
  /** Told after each step that a crash could follow. For tests. */
  readonly onPoint?: (point: ActPoint) => void | Promise<void>;
}

type Skipped = ApplyResult['skipped'][number];

/** Writes into a workspace folder by way of a journal. One operation runs at a time. */
export function fileApplier(options: ApplierOptions): Applier {
  let opened: Promise<Journal> | undefined;
  let queue: Promise<unknown> = Promise.resolve();
  const journal = () => (opened ??= Journal.open(options.journalFile));

  const context = async (blobs: BlobStore, signal = new AbortController().signal): Promise<ActContext> => {
    const root = await realpath(options.folder.path).catch(() =>
      fail('folder-unavailable', `The folder ${options.folder.path} cannot be opened.`),
    );
    return { root, journal: await journal(), blobs, signal, onPoint: options.onPoint ?? (() => undefined) };
  };
  const oneAtATime = <T>(act: () => Promise<T>): Promise<T> => {
    const mine = queue.then(act).finally(async () => (await opened)?.rest());
    queue = mine.catch(() => undefined);
    return mine;
  };

  return {
    apply: (plan, blobs, signal) =>
      oneAtATime(async () => {
        const work = await context(blobs, signal);
        await settleOpenAct(work);
        return await apply(work, plan);
      }),
    recover: (blobs) =>
      oneAtATime(async () => {
        // A folder that is away keeps its open act until it is back.
        const known = await journal();
        return known.open === undefined ? undefined : await settleOpenAct(await context(blobs));
      }),
    lastUndoable: async () => {
      const act = (await journal()).lastUndoable;
      if (act === undefined) return undefined;
      const done = act.steps.filter((_step, index) => !act.skipped.has(index));
      const steps = done.map(({ path, before, write }) => ({ path, expect: before, write }));
      return { plan: { set: act.set, steps }, at: act.at };
    },
    kept: async () => {
      const acts = (await journal()).acts.filter((act) => act.end !== 'rolled-back' && !act.undone);
      const sides = acts.flatMap(({ steps }) => steps.flatMap(({ before, write }) => [before, write]));
      return {
        blobs: sides.flatMap((side) => (side !== 'absent' && side.t === 'file' ? [side.blob] : [])),
        sets: acts.map(({ set }) => set),
      };
    },
    changedSince: () =>
      oneAtATime(async () => {
        const act = (await journal()).lastUndoable;
        return act === undefined ? [] : await changedSince(await realpath(options.folder.path), act);
      }),
    undo: (blobs, overwrite) =>
      oneAtATime(async () => {
        const work = await context(blobs);
        await settleOpenAct(work);
        const act = work.journal.lastUndoable;
        if (act === undefined) fail('not-found', 'There is no apply to undo.');
        const { steps, restored, skipped } = await planUndo(work, act, overwrite);
        const result = await run(work, act.set, steps, skipped, act.id);
        return { applied: [...restored, ...result.applied], skipped: result.skipped };
      }),
  };
}

async function apply(work: ActContext, plan: ApplyPlan): Promise<ApplyResult> {
  if (new Set(plan.steps.map(({ path }) => path)).size < plan.steps.length) fail('bad-input', 'A path is named twice.');
  const steps: JournalStep[] = [];
  const skipped: Skipped[] = [];
  for (const step of plan.steps) {
    try {
      steps.push(await prepare(work, step));
    } catch (error) {
      if (!(error instanceof Skip)) throw error;
      skipped.push({ path: step.path, why: error.why });
    }
  }
  return await run(work, plan.set, steps, skipped, undefined);
}

/** Checks one step and keeps what stands there; throws {@link Skip} where it may not be done. */
async function prepare(work: ActContext, { path, expect, write }: ApplyStep): Promise<JournalStep> {
  if (isUnderGit(path)) throw new Skip('Nothing under a .git comes home.');
  if (expect === 'unknown') throw new Skip('It could not be read when it was reviewed.');
  if (write !== 'absent') await checkContent(work, path, write);
  const { side } = await keepSide(work, path);
  if (!sameSide(side, expect)) throw new Skip(changedHere);
  return { path, before: expect, write, ...(await modeOf(work.root, path)) };
}

async function checkContent({ blobs }: ActContext, path: RelPath, write: Node): Promise<void> {
  if (write.t === 'link' && (!staysInsideAsWritten(path, write.target) || isUnderGit(write.target))) {
    throw new Skip('The link leads out of the folder.');
  }
  if (write.t === 'file' && !(await blobs.has(write.blob))) fail('not-found', `The content of ${path} is not stored.`);
}

async function run(
  work: ActContext,
  set: ChangeSetId,
  wanted: readonly JournalStep[],
  passedOver: readonly Skipped[],
  undoes: string | undefined,
): Promise<ApplyResult> {
  const { steps, skipped: full } = await withoutFullFolders(work.root, wanted);
  const skipped = [...passedOver, ...full];
  if (steps.length === 0 && undoes === undefined) return { applied: [], skipped };
  await work.blobs.flush();
  const act = await work.journal.begin(set, steps, await missingFolders(work.root, steps), undoes);
  await work.onPoint({ at: 'begun' });
  const result = await perform(work, act);
  const all = { applied: result.applied, skipped: [...skipped, ...result.skipped] };
  await work.journal.commit(act, all.skipped.length === 0 ? undoes : undefined);
  await work.onPoint({ at: 'committed' });
  return all;
}
