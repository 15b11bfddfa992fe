import { few } from '../../shared/few.ts';
import { fail, problemOf } from '../problem.ts';
import type { Review } from './review.ts';
import type { SandboxLife } from './sandboxLife.ts';
import type { WorkspaceSync } from './workspaceSync.ts';

/**
 * Takes in every byte before a sandbox is deleted; one that does not run is started for it. Throws `left-inside` where
 * anything would be lost, and then nothing was deleted.
 */
export async function takeInLast(
  life: SandboxLife,
  sync: WorkspaceSync,
  review: Review,
  signal: AbortSignal,
): Promise<void> {
  if (!life.exists || life.isGone || sync.checkpoint === undefined) return;
  try {
    if (!life.isUsable) await life.restart(() => undefined, signal);
    await sync.pull(life.sandbox, signal, { verify: true });
  } catch (error) {
    const { detail } = problemOf(error, 'pull-failed');
    fail('left-inside', `The last changes of the sandbox could not be taken in. ${detail}`, { fix: 'retry' });
  }
  await review.compareAgain();
  const { quality, skipped } = sync.checkpoint;
  if (quality !== 'partial') return;
  const names = skipped.map(({ path }) => path);
  fail('left-inside', `Not everything in the sandbox could be taken in: ${few(names)}.`);
}
