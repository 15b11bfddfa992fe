import { problem } from '../problem.ts';
import { settleInterrupted } from './interrupted.ts';
import type { Recorder } from './recorder.ts';
import type { Review } from './review.ts';
import type { SandboxLife } from './sandboxLife.ts';
import type { WorkspaceSync } from './workspaceSync.ts';

interface Restored {
  readonly recorder: Recorder;
  readonly review: Review;
  readonly sync: WorkspaceSync;
}

/** Regions in which there is no sandbox to look for. */
const restingPlaces = ['none', 'deleted', 'gone', 'stopped', 'failed'];

/**
 * Finds out what is true after a reload or crash: an apply that was cut off, the sandbox, its commands. `wasWorking`: the
 * sandbox is there and may hold what nobody took in.
 */
export async function restoreSession(
  parts: Restored,
  life: SandboxLife,
  signal: AbortSignal,
): Promise<{ wasWorking: boolean }> {
  const { recorder, review, sync } = parts;
  await review.recover();
  if (!sync.checkpoint && life.wasAskedFor) {
    await discardHalfStarted(recorder, life);
    return { wasWorking: false };
  }
  const { turn, openCommands } = recorder.regions;
  const wasAlive = !restingPlaces.includes(recorder.regions.sandbox);
  const sandbox = wasAlive ? await life.resume(signal) : undefined;
  await settleInterrupted(recorder, sandbox);
  return { wasWorking: sandbox !== undefined && (turn === 'running' || openCommands.size > 0) };
}

/** The window closed before the files were whole inside: nothing of value is there, and nothing may work on it. */
async function discardHalfStarted(recorder: Recorder, life: SandboxLife): Promise<void> {
  await settleInterrupted(recorder, undefined);
  try {
    await life.delete();
  } catch {
    return; // What could not be confirmed is in the log, with its problem.
  }
  const detail = 'The window closed while the sandbox was started. Nothing ran in it; start it again.';
  await recorder.add({ t: 'sandbox', state: 'failed', problem: problem('aborted', detail, { fix: 'retry' }) });
}
