import type { ChangeSetId } from '../../shared/ids.ts';
import type { RelPath } from '../paths.ts';
import { fail } from '../problem.ts';
import type { Applier, BlobStore, LocalFolder } from '../storage.ts';
import { afterApply, afterUndo, planApply } from '../sync/apply.ts';
import { computeChanges, contentKey, type Rejections } from '../sync/changes.ts';
import type { ApplyResult, ChangeSet, Side } from '../sync/types.ts';
import type { ApplyChoice, Undoable } from './api.ts';
import { choiceOf, doneAct, intentOf, openAct } from './openAct.ts';
import type { Recorder } from './recorder.ts';
import { readRejections, readReviewed } from './reviewed.ts';
import { writeChangeSet } from './stored.ts';
import type { WorkspaceSync } from './workspaceSync.ts';

export interface ReviewParts {
  readonly recorder: Recorder;
  readonly blobs: BlobStore;
  readonly folder: LocalFolder | undefined;
  readonly sync: WorkspaceSync;
  readonly applier: Applier | undefined;
}

/** True for sets that differ in when and from which checkpoint they were made, and in nothing that a person sees. */
function saysTheSame(one: ChangeSet, other: ChangeSet): boolean {
  const { id, checkpoint, asOf } = one;
  return Buffer.from(writeChangeSet(one)).equals(writeChangeSet({ ...other, id, checkpoint, asOf }));
}

const twoWayWarning =
  'Compared two ways: this computer was attached, and what it held before is not known. Where both sides differ it ' +
  'cannot be told which is newer, and what only the computer has may have been deleted here.';

/** Says so where the set holds what has no ancestor. */
function twoWay(set: ChangeSet): ChangeSet {
  const hasAncestors = set.changes.every(({ base }) => base !== 'absent');
  return hasAncestors ? set : { ...set, twoWay: true, warnings: [twoWayWarning, ...set.warnings] };
}

/** What the sandbox changed, frozen for review, and its way home. What was reviewed is what is applied. */
export class Review {
  readonly #parts: ReviewParts;
  #current: ChangeSet | undefined;
  readonly #rejections: Rejections;
  #shown: ChangeSet | undefined;

  private constructor(parts: ReviewParts, current: ChangeSet | undefined, rejections: Rejections) {
    this.#parts = parts;
    this.#current = current;
    this.#rejections = rejections;
  }

  /** Reads back what was under review when the session was last written. */
  static async open(parts: ReviewParts): Promise<Review> {
    const { events } = parts.recorder;
    return new Review(parts, await readReviewed(events, parts.blobs), readRejections(events));
  }

  /** The change set under review; undefined where nothing differs. */
  get current(): ChangeSet | undefined {
    return this.#current?.changes.length === 0 ? undefined : this.#current;
  }

  /** The sets that are or were just on screen. */
  get onScreen(): readonly ChangeSet[] {
    return [this.#current, this.#shown].filter((set) => set !== undefined);
  }

  /** Settles an apply or undo that a crash cut off, on disk first and then in the log. */
  async recover(): Promise<void> {
    const { applier, blobs, recorder } = this.#parts;
    if (!applier) return;
    const settled = await applier.recover(blobs);
    const open = openAct(recorder.events);
    if (open === undefined) return;
    const result = settled ?? (await doneAct(open, recorder.events, applier));
    if (open.t === 'apply-intent') await this.#applied(open.set, choiceOf(open), result);
    else await this.#undone(open.set, result);
  }

  /** Merges ancestor, sandbox and folder into a new change set; one that would say the same as the current is dropped. */
  async compareAgain(): Promise<void> {
    const { folder, blobs, sync, recorder } = this.#parts;
    const { checkpoint } = sync;
    if (!folder || !checkpoint) return;
    const compared = await computeChanges({
      ancestor: sync.ancestor,
      theirs: sync.theirs,
      unknown: sync.unknown,
      folder,
      blobs,
      rejections: this.#rejections,
      checkpoint: checkpoint.id,
      asOf: sync.asOf,
      warnings: sync.warnings,
      hooks: await folder.hooks(),
      links: await folder.links(),
    });
    const set = recorder.regions.attached ? twoWay(compared) : compared;
    if (this.#current !== undefined && saysTheSame(this.#current, set)) return;
    const blob = await blobs.put(writeChangeSet(set));
    await blobs.flush();
    this.#shown = this.#current;
    this.#current = set;
    await recorder.add({ t: 'changes', set: set.id, blob, count: set.changes.length });
  }

  /** Bytes of one side of a reviewed change. Undefined where that side is not a file. */
  async content(
    id: ChangeSetId,
    path: RelPath,
    side: 'base' | 'theirs' | 'ours' | 'result',
  ): Promise<Uint8Array | undefined> {
    const change = this.#set(id).changes.find((one) => one.path === path);
    const node: Side | undefined = change?.[side];
    if (node === undefined || typeof node === 'string' || node.t !== 'file') return undefined;
    return (await this.#parts.blobs.has(node.blob)) ? await this.#parts.blobs.get(node.blob) : undefined;
  }

  /** Writes the chosen changes of the current set home. */
  async apply(id: ChangeSetId, choice: ApplyChoice): Promise<ApplyResult> {
    const set = this.#current;
    if (set?.id !== id) fail('bad-input', 'The changes moved on since they were shown. Review them again.');
    const applier = this.#applier();
    const plan = planApply(set, choice);
    await this.#parts.blobs.flush();
    await this.#parts.recorder.intend(intentOf(plan, choice));
    const result = await applier.apply(plan, this.#parts.blobs, new AbortController().signal);
    await this.#applied(id, choice, result);
    return result;
  }

  /** Remembers by content that these changes are not wanted. */
  async reject(id: ChangeSetId, paths: readonly RelPath[]): Promise<void> {
    for (const { path, theirs } of this.#set(id).changes.filter((change) => paths.includes(change.path))) {
      const content = contentKey(theirs);
      this.#rejections.add(path, content);
      await this.#parts.recorder.intend({ t: 'rejected', path, theirs: content });
    }
    await this.compareAgain();
  }

  /** Offers again what was rejected, as far as it still differs. */
  async offerRejected(): Promise<void> {
    await this.#parts.recorder.intend({ t: 'offered-again' });
    this.#rejections.clear();
    await this.compareAgain();
  }

  async undoable(): Promise<Undoable | undefined> {
    const last = await this.#parts.applier?.lastUndoable();
    if (!last || !this.#parts.applier) return undefined;
    const changedSince = await this.#parts.applier.changedSince();
    return { set: last.plan.set, paths: last.plan.steps.map(({ path }) => path), at: last.at, changedSince };
  }

  /** Restores what the last apply replaced; `agreed` throws unless a person agreed to take that set back. */
  async undo(overwrite: ReadonlySet<RelPath>, agreed: (set: ChangeSetId) => void): Promise<ApplyResult> {
    const applier = this.#applier();
    const { set } = (await applier.lastUndoable())?.plan ?? fail('not-found', 'There is no apply to undo.');
    agreed(set);
    await this.#parts.recorder.intend({ t: 'undo-intent', set });
    const result = await applier.undo(this.#parts.blobs, overwrite);
    await this.#undone(set, result);
    return result;
  }

  /** Both sides agree on what was applied; the log says so last, so that a crash on the way is settled again. */
  async #applied(id: ChangeSetId, choice: ApplyChoice, result: ApplyResult): Promise<void> {
    const { recorder, blobs, sync } = this.#parts;
    const set = await readReviewed(recorder.events, blobs, id);
    if (set) await sync.setAncestor(afterApply(sync.ancestor, set, choice, result));
    const { applied, skipped } = result;
    await recorder.intend({ t: 'applied', set: id, applied: [...applied], skipped: [...skipped] });
    await this.compareAgain();
  }

  async #undone(id: ChangeSetId, result: ApplyResult): Promise<void> {
    const { recorder, blobs, sync } = this.#parts;
    const set = await readReviewed(recorder.events, blobs, id);
    if (set) await sync.setAncestor(afterUndo(sync.ancestor, set, result));
    const skipped = result.skipped.map(({ path, why }) => ({ path, why }));
    await recorder.intend({ t: 'undone', set: id, restored: [...result.applied], skipped });
    await this.compareAgain();
  }

  /** A set that is or was just on screen: a diff stays readable while a new set is made. */
  #set(id: ChangeSetId): ChangeSet {
    const set = [this.#current, this.#shown].find((one) => one?.id === id);
    return set ?? fail('not-found', 'These changes are no longer under review. Open the review again.');
  }

  #applier(): Applier {
    return (
      this.#parts.applier ??
      fail('folder-unavailable', 'Open the folder that this session belongs to.', { fix: 'open-folder' })
    );
  }
}
