import type { Filling } from './filling.ts';
import { settleInterrupted } from './interrupted.ts';
import type { RecordKeeper } from './recordKeeper.ts';
import type { Recorder } from './recorder.ts';
import type { Review } from './review.ts';
import type { SandboxLife } from './sandboxLife.ts';

interface Restored {
  readonly keeper: RecordKeeper;
  readonly recorder: Recorder;
  readonly review: Review;
}

/** Regions in which there is no sandbox to look for. */
const restingPlaces = ['none', 'deleted', 'gone', 'paused', 'stopped', 'failed'];

/**
 * Finds out what is true after a reload or crash: an apply that was cut off, the sandbox, its commands. `wasWorking`: the
 * sandbox is there and may hold what nobody took in.
 */
export async function restoreSession(
  { keeper, recorder, review }: Restored,
  life: SandboxLife,
  filling: Filling,
  signal: AbortSignal,
): Promise<{ wasWorking: boolean }> {
  await review.recover();
  if (filling.hasHalf) {
    // The window closed before the files were whole inside.
    await settleInterrupted(recorder, undefined);
    // What could not be confirmed is in the log, with its problem.
    await filling.discardHalf().catch(() => undefined);
    return { wasWorking: false };
  }
  await keeper.rememberFilled();
  const { turn, openCommands } = recorder.regions;
  const wasAlive = !restingPlaces.includes(recorder.regions.sandbox);
  const sandbox = wasAlive ? await life.resume(signal) : undefined;
  await settleInterrupted(recorder, sandbox);
  return { wasWorking: sandbox !== undefined && (turn === 'running' || openCommands.size > 0) };
}
