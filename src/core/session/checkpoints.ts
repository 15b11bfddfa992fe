import { mintId } from '../../shared/ids.ts';
import { relPath } from '../paths.ts';
import type { BlobStore } from '../storage.ts';
import type { Checkpoint, Tree } from '../sync/types.ts';
import type { LoggedEvent } from './events.ts';
import { readCheckpoint } from './stored.ts';

/** Most skipped names that a checkpoint lists. */
const maxSkippedNamed = 1000;
const maxGuidanceBytes = 64 * 1024;

/** Stores what both sides hold. The record that announces it is the caller's to write. */
export async function storeCheckpoint(
  blobs: BlobStore,
  sides: { readonly theirs: Tree; readonly ancestor: Tree },
  made: Pick<Checkpoint, 'quality' | 'skipped' | 'logSeq'>,
  parent: Checkpoint | undefined,
): Promise<Checkpoint> {
  const theirs = await blobs.putTree(sides.theirs);
  const ancestor = await blobs.putTree(sides.ancestor);
  await blobs.flush();
  const kept = { ...made, skipped: made.skipped.slice(0, maxSkippedNamed) };
  return {
    id: mintId('checkpoint'),
    theirs,
    ancestor,
    ...kept,
    ...(parent === undefined ? {} : { parent: parent.id }),
  };
}

/** When the last checkpoint was taken, in milliseconds since the epoch; undefined where there is none. */
export function lastCheckpointAt(events: readonly LoggedEvent[]): number | undefined {
  return events.findLast(({ event }) => event.t === 'sync-done' && readCheckpoint(event.checkpoint) !== undefined)?.at;
}

/** True where a sandbox was asked for that never held the whole workspace: nothing may work on it. */
export function isHalfFilled(events: readonly LoggedEvent[]): boolean {
  const last = events.findLast(({ event }) => {
    if (event.t === 'create-intent' || event.t === 'attach-intent' || event.t === 'attached') return true;
    return event.t === 'sync-done' && event.kind === 'hydrate' && event.checkpoint !== undefined;
  })?.event;
  return last?.t === 'create-intent' || last?.t === 'attach-intent';
}

/** The workspace's own words to agents: AGENTS.md as it stands in a tree. */
export async function guidanceIn(tree: Tree, blobs: BlobStore): Promise<string | undefined> {
  const node = tree.get(relPath('AGENTS.md'));
  if (typeof node !== 'object' || node.t !== 'file' || node.size > maxGuidanceBytes) return undefined;
  return Buffer.from(await blobs.get(node.blob)).toString('utf8');
}
