import type { Applier, BlobStore, LiveContent } from '../storage.ts';
import type { BlobId, ChangeSet, Side, Tree, TreeId } from '../sync/types.ts';
import type { LoggedEvent } from './events.ts';
import type { RecordKeeper } from './recordKeeper.ts';
import { readReviewed } from './reviewed.ts';
import { readCheckpoint } from './stored.ts';
import type { WorkspaceSync } from './workspaceSync.ts';

/** A store smaller than this is not worth a sweep, in bytes. */
const worthSweeping = 256 * 1024 * 1024;
/** From this size on every act is followed by a sweep: the store's cap must never be what ends a session. */
const alwaysSweep = 4 * 1024 * 1024 * 1024;
/** Checkpoints, counted from the newest, whose content is kept. */
const keptCheckpoints = 5;

export interface TidyParts {
  readonly keeper: RecordKeeper;
  readonly blobs: BlobStore;
  readonly sync: WorkspaceSync;
  readonly applier: Applier | undefined;
  readonly events: () => readonly LoggedEvent[];
  readonly reviewed: () => readonly ChangeSet[];
}

/** Keeps a session's store from growing without end, and its size where people see it. */
export class Tidy {
  readonly #parts: TidyParts;
  readonly #worthSweeping: number;
  #next: number;

  constructor(parts: TidyParts, sweepFrom = worthSweeping) {
    this.#parts = parts;
    this.#worthSweeping = sweepFrom;
    this.#next = sweepFrom;
  }

  /** To be called between two acts of the session, when nothing is being stored. */
  async betweenActs(): Promise<void> {
    const { blobs, keeper } = this.#parts;
    const size = await blobs.size();
    const freed = size < this.#next ? 0 : await this.#sweep();
    const kept = size - freed;
    if (size >= this.#next) this.#next = Math.min(Math.max(this.#worthSweeping, 2 * kept), alwaysSweep);
    await keeper.rememberSize(kept);
  }

  async #sweep(): Promise<number> {
    const { applier, blobs } = this.#parts;
    // Without the folder's journal it is not known which before-images an undo still needs.
    return applier === undefined ? 0 : await blobs.sweep(await this.#live(applier));
  }

  async #live(applier: Applier): Promise<LiveContent> {
    const { blobs, events, reviewed, sync } = this.#parts;
    const kept = await applier.kept();
    const undoable = await Promise.all(kept.sets.map((set) => readReviewed(events(), blobs, set)));
    const sets = [...reviewed(), ...undoable.filter((set) => set !== undefined)];
    return {
      blobs: [
        ...kept.blobs,
        ...setBlobs(events(), new Set(sets.map(({ id }) => id))),
        ...sets.flatMap(contentOf),
        ...fileBlobs(sync.ancestor),
        ...fileBlobs(sync.theirs),
        ...sync.tableBlobs(),
      ],
      trees: treesOf(events()),
    };
  }
}

function* fileBlobs(tree: Tree): Generator<BlobId> {
  for (const node of tree.values()) if (node.t === 'file') yield node.blob;
}

function setBlobs(events: readonly LoggedEvent[], ids: ReadonlySet<string>): BlobId[] {
  return events.flatMap(({ event }) => (event.t === 'changes' && ids.has(event.set) ? [event.blob] : []));
}

function contentOf({ changes }: ChangeSet): BlobId[] {
  const sides = changes.flatMap(({ base, theirs, ours, result, withheld }): (Side | undefined)[] => [
    base,
    theirs,
    ours,
    result,
    withheld?.ancestor,
  ]);
  return sides.flatMap((side) => (typeof side === 'object' && side.t === 'file' ? [side.blob] : []));
}

/** What both sides last agreed on, and the newest checkpoints. */
function treesOf(events: readonly LoggedEvent[]): TreeId[] {
  const agreed = events.findLast(({ event }) => event.t === 'ancestor')?.event;
  const checkpoints = events.flatMap(({ event }) => {
    const checkpoint = event.t === 'sync-done' ? readCheckpoint(event.checkpoint) : undefined;
    return checkpoint === undefined ? [] : [checkpoint];
  });
  const newest = checkpoints.slice(-keptCheckpoints).flatMap(({ theirs, ancestor }) => [theirs, ancestor]);
  return agreed?.t === 'ancestor' ? [...newest, agreed.tree] : newest;
}
