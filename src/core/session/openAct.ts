import { relPath } from '../paths.ts';
import type { Applier } from '../storage.ts';
import type { ApplyPlan, ApplyResult } from '../sync/types.ts';
import type { ApplyChoice } from './api.ts';
import type { LogEvent, LoggedEvent } from './events.ts';

type Act = Extract<LogEvent, { t: 'apply-intent' | 'undo-intent' }>;
type ApplyIntent = Extract<LogEvent, { t: 'apply-intent' }>;

/** An apply as it is announced in the log, with all that is needed to settle it after a crash. */
export function intentOf(plan: ApplyPlan, { takeTheirs }: ApplyChoice): ApplyIntent {
  const paths = plan.steps.map(({ path }) => path);
  return { t: 'apply-intent', set: plan.set, paths, takeTheirs: [...takeTheirs] };
}

/** What the person chose, read back from the log. */
export function choiceOf({ paths, takeTheirs }: ApplyIntent): ApplyChoice {
  const set = (list: readonly string[]) => new Set(list.map(relPath));
  return { paths: set(paths), takeTheirs: set(takeTheirs) };
}

/** The apply or undo that was announced and whose end the log does not hold. */
export function openAct(events: readonly LoggedEvent[]): Act | undefined {
  for (const { event } of events.toReversed()) {
    if (event.t === 'applied' || event.t === 'undone') return undefined;
    if (event.t === 'apply-intent' || event.t === 'undo-intent') return event;
  }
  return undefined;
}

/** What an act did that ended on disk before the log could say so: the journal knows. */
export async function doneAct(act: Act, events: readonly LoggedEvent[], applier: Applier): Promise<ApplyResult> {
  const last = await applier.lastUndoable();
  const stands = last?.plan.set === act.set;
  if (act.t === 'apply-intent') return { applied: stands ? last.plan.steps.map(({ path }) => path) : [], skipped: [] };
  const applied = events.findLast(({ event }) => event.t === 'applied' && event.set === act.set)?.event;
  const wasUndone = !stands && applied?.t === 'applied';
  return { applied: wasUndone ? applied.applied.map(relPath) : [], skipped: [] };
}
