import type { BlobStore } from '../storage.ts';
import { emptyTree } from '../sync/tree.ts';
import { readGuestTable } from '../sync/guestTable.ts';
import type { Checkpoint, GuestTable, Tree, TreeId } from '../sync/types.ts';
import type { LoggedEvent } from './events.ts';
import { readCheckpoint } from './stored.ts';

export interface KnownSides {
  readonly ancestor: Tree;
  readonly theirs: Tree;
  readonly checkpoint: Checkpoint | undefined;
  /** What the window before knew of the sandbox's files, where it could say so. */
  readonly table: GuestTable | undefined;
}

/** What both sides held when the log was last written: ancestor, the sandbox's side, and its checkpoint. */
export async function readSides(events: readonly LoggedEvent[], blobs: BlobStore): Promise<KnownSides> {
  const checkpoint = lastCheckpoint(events);
  const theirs = checkpoint === undefined ? emptyTree : await blobs.getTree(checkpoint.theirs);
  const agreed = lastAgreed(events);
  const ancestor = agreed === undefined ? emptyTree : await blobs.getTree(agreed);
  return { ancestor, theirs, checkpoint, table: await lastTable(events, blobs) };
}

/** A checkpoint moves both sides at once; an apply moves the ancestor alone. The later one counts. */
function lastAgreed(events: readonly LoggedEvent[]): TreeId | undefined {
  for (const { event } of events.toReversed()) {
    if (event.t === 'ancestor') return event.tree;
    const checkpoint = event.t === 'sync-done' ? readCheckpoint(event.checkpoint) : undefined;
    if (checkpoint) return checkpoint.ancestor;
  }
  return undefined;
}

function lastCheckpoint(events: readonly LoggedEvent[]): Checkpoint | undefined {
  const last = events.findLast(({ event }) => event.t === 'sync-done' && event.checkpoint !== undefined)?.event;
  return last?.t === 'sync-done' ? readCheckpoint(last.checkpoint) : undefined;
}

/** A table is believed only where no crossing followed it. */
async function lastTable(events: readonly LoggedEvent[], blobs: BlobStore): Promise<GuestTable | undefined> {
  const last = events.findLast(({ event }) => event.t === 'guest-table' || event.t === 'sync-intent')?.event;
  if (last?.t !== 'guest-table' || !(await blobs.has(last.blob))) return undefined;
  return readGuestTable(await blobs.get(last.blob));
}
