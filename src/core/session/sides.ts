import type { BlobStore } from '../storage.ts';
import { emptyTree } from '../sync/tree.ts';
import type { Checkpoint, Tree, TreeId } from '../sync/types.ts';
import type { LoggedEvent } from './events.ts';
import { readCheckpoint } from './stored.ts';

/** What both sides held when the log was last written: ancestor, the sandbox's side, and its checkpoint. */
export async function readSides(
  events: readonly LoggedEvent[],
  blobs: BlobStore,
): Promise<{ ancestor: Tree; theirs: Tree; checkpoint: Checkpoint | undefined }> {
  const checkpoint = lastCheckpoint(events);
  const theirs = checkpoint === undefined ? emptyTree : await blobs.getTree(checkpoint.theirs);
  const agreed = lastAgreed(events);
  return { ancestor: agreed === undefined ? emptyTree : await blobs.getTree(agreed), theirs, checkpoint };
}

/** A checkpoint moves both sides at once; an apply moves the ancestor alone. The later one counts. */
function lastAgreed(events: readonly LoggedEvent[]): TreeId | undefined {
  for (const { event } of events.toReversed()) {
    if (event.t === 'ancestor') return event.tree as TreeId;
    const checkpoint = event.t === 'sync-done' ? readCheckpoint(event.checkpoint) : undefined;
    if (checkpoint) return checkpoint.ancestor;
  }
  return undefined;
}

function lastCheckpoint(events: readonly LoggedEvent[]): Checkpoint | undefined {
  const last = events.findLast(({ event }) => event.t === 'sync-done' && event.checkpoint !== undefined)?.event;
  return last?.t === 'sync-done' ? readCheckpoint(last.checkpoint) : undefined;
}
