import { parseRelPath } from '../paths.ts';
import type { BlobStore } from '../storage.ts';
import { Rejections } from '../sync/changes.ts';
import type { ChangeSet } from '../sync/types.ts';
import type { LoggedEvent } from './events.ts';
import { readChangeSet } from './stored.ts';

/** The newest change set in the log, or the one with the given id; undefined where there is none or it was swept. */
export async function readReviewed(
  events: readonly LoggedEvent[],
  blobs: BlobStore,
  id?: string,
): Promise<ChangeSet | undefined> {
  const logged = events.findLast(({ event }) => event.t === 'changes' && (id === undefined || event.set === id))?.event;
  if (logged?.t !== 'changes') return undefined;
  const blob = logged.blob;
  return (await blobs.has(blob)) ? readChangeSet(await blobs.get(blob)) : undefined;
}

/** All rejections that hold. */
export function readRejections(events: readonly LoggedEvent[]): Rejections {
  const rejections = new Rejections();
  for (const { event } of events) {
    const parsed = event.t === 'rejected' ? parseRelPath(event.path) : undefined;
    if (event.t === 'offered-again') rejections.clear();
    if (event.t === 'rejected' && parsed?.ok) rejections.add(parsed.path, event.theirs);
  }
  return rejections;
}
