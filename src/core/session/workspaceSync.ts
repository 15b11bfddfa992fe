import { guestPath, relPath, type GuestPath, type RelPath } from '../paths.ts';
import { AirlockError, problemOf } from '../problem.ts';
import type { Provider, Sandbox, Step, Upload } from '../sandbox.ts';
import type { BlobStore, LocalFolder } from '../storage.ts';
import { writeGuestTable } from '../sync/guestTable.ts';
import { pull, settled, type PullOptions } from '../sync/pull.ts';
import { afterConverged } from '../sync/push.ts';
import type { BlobId, Checkpoint, GuestTable, Tree, UploadManifest } from '../sync/types.ts';
import { bytesOf, refill } from '../sync/refill.ts';
import { diffTrees } from '../sync/tree.ts';
import { afterUpload, hydrate, send, type Uploaded } from '../sync/upload.ts';
import type { PlanOptions } from './api.ts';
import { guidanceIn, storeCheckpoint } from './checkpoints.ts';
import { copySteps } from './copySteps.ts';
import { pathsToTell, type Crossed } from './crossed.ts';
import { prepareGuestGit } from './guestGit.ts';
import { Outbound } from './outbound.ts';
import type { RecordKeeper } from './recordKeeper.ts';
import type { Recorder } from './recorder.ts';
import { readSides, type KnownSides } from './sides.ts';

/** How long after a listing nothing may have run for its tags to be believed, in milliseconds. */
const settleMs = 3000;

/** How much a pull may believe; see `PullOptions`. */
export type PullHow = Pick<PullOptions, 'fresh' | 'verify'>;

export interface SyncParts {
  readonly keeper: RecordKeeper;
  readonly recorder: Recorder;
  readonly blobs: BlobStore;
  readonly folder: LocalFolder | undefined;
}

/** What both sides of one session hold, and every crossing between them. Each crossing is announced in the log first. */
export class WorkspaceSync {
  readonly #parts: SyncParts;
  readonly #outbound: Outbound;
  #ancestor: Tree;
  #theirs: Tree;
  #unknown: ReadonlySet<RelPath> = new Set();
  #checkpoint: Checkpoint | undefined;
  #table: GuestTable | undefined;
  #warnings: readonly string[] = [];
  #asOf = 0;
  #isUntouched = false;

  private constructor(parts: SyncParts, sides: KnownSides) {
    this.#parts = parts;
    this.#outbound = new Outbound(parts.folder);
    this.#ancestor = sides.ancestor;
    this.#theirs = sides.theirs;
    this.#checkpoint = sides.checkpoint;
    this.#table = sides.table;
  }

  /** Reads back what both sides held when the session was last written. */
  static async open(parts: SyncParts): Promise<WorkspaceSync> {
    return new WorkspaceSync(parts, await readSides(parts.recorder.events, parts.blobs));
  }

  /** The workspace folder inside. */
  get root(): GuestPath {
    return guestPath(`/workspace/${this.#parts.keeper.record.slug}`);
  }

  get ancestor(): Tree {
    return this.#ancestor;
  }

  get theirs(): Tree {
    return this.#theirs;
  }

  /** Paths whose state inside could not be read: never a deletion. */
  get unknown(): ReadonlySet<RelPath> {
    return this.#unknown;
  }

  get checkpoint(): Checkpoint | undefined {
    return this.#checkpoint;
  }

  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** When the sandbox's side was read, in milliseconds since the epoch. */
  get asOf(): number {
    return this.#asOf;
  }

  /** Contents that the next pull takes for granted. */
  tableBlobs(): readonly BlobId[] {
    return [...(this.#table?.rows.values() ?? [])].flatMap(({ node }) => (node?.t === 'file' ? [node.blob] : []));
  }

  /** Lists what would go into a new sandbox of this kind. */
  async planUpload(provider: Provider, options: PlanOptions): Promise<UploadManifest> {
    return await this.#outbound.planUpload(provider, options);
  }

  /** Lists what changed here since both sides last agreed. Undefined where nothing did. */
  async planPush(options: PlanOptions): Promise<UploadManifest | undefined> {
    const sides = { ancestor: this.#ancestor, theirs: this.#theirs, unknown: this.#unknown };
    const { converged, deletions, manifest } = await this.#outbound.planPush(sides, options);
    if (converged.size > 0) await this.setAncestor(afterConverged(this.#ancestor, converged));
    return manifest.files.length === 0 && deletions.length === 0 ? undefined : manifest;
  }

  /** Writes the person's agreement into the log. */
  async approve(manifest: UploadManifest): Promise<void> {
    const { files, bytes, held, rulesId } = manifest;
    const counts = { files: files.length, bytes, held: held.length };
    await this.#parts.recorder.intend({ t: 'upload-approved', ...counts, rulesId });
    await this.#parts.keeper.rememberDependencies(manifest.dependencies.map(({ path }) => path));
  }

  /** Fills a new sandbox with exactly what the manifest names. Throws unless all of it stands inside. */
  async hydrate(
    sandbox: Sandbox,
    manifest: UploadManifest,
    step: (s: Step) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { recorder } = this.#parts;
    await recorder.intend({ t: 'sync-intent', kind: 'hydrate', files: manifest.files.length });
    await this.#settle('hydrate', async () => {
      const { bytes, dependencies, files } = manifest;
      const whole = dependencies.reduce((sum, { size }) => sum + size, bytes);
      const onProgress = copySteps(`Copying ${files.length} file${files.length === 1 ? '' : 's'}`, whole, step);
      const uploaded = await hydrate(manifest, { ...this.#uploading(sandbox, signal), onProgress });
      this.#agree(uploaded, []);
      return { ...uploaded, chosen: manifest.included };
    });
    await this.#prepare(sandbox, step, signal);
  }

  /**
   * Fills a new sandbox with what the last one held at its last checkpoint. What both sides agreed on stays: what was not
   * taken home goes on being offered.
   */
  async refill(sandbox: Sandbox, step: (s: Step) => void, signal: AbortSignal): Promise<void> {
    const { recorder, blobs, folder } = this.#parts;
    await recorder.intend({ t: 'sync-intent', kind: 'hydrate', files: this.#theirs.size });
    this.#table = undefined;
    this.#unknown = new Set();
    await this.#settle('hydrate', async () => {
      const title = `Copying ${this.#theirs.size} files of the last checkpoint`;
      const onProgress = copySteps(title, bytesOf(this.#theirs), step);
      const from = { sandbox, root: this.root, blobs, signal, folder, dependencies: this.#dependencies(), onProgress };
      const uploaded = await refill(this.#theirs, from);
      refuseUnlessCommitted(uploaded.outcome);
      return uploaded;
    });
    await this.#prepare(sandbox, step, signal);
  }

  async #prepare(sandbox: Sandbox, step: (s: Step) => void, signal: AbortSignal): Promise<void> {
    step({ title: 'Preparing the workspace' });
    await prepareGuestGit(sandbox, this.root, this.#dependencies(), signal);
    await this.pull(sandbox, signal, { fresh: true });
    this.#isUntouched = true;
  }

  #dependencies(): readonly RelPath[] {
    return this.#parts.keeper.record.dependencies.map(relPath);
  }

  /** Something of the agent or a person may run inside from now on: young files may change without a new tag. */
  touched(): void {
    const isSettled = this.#isUntouched && Date.now() - this.#asOf > settleMs;
    this.#isUntouched = false;
    if (isSettled && this.#table) this.#table = settled(this.#table);
  }

  /** Keeps what is known of the sandbox's files, so that the next window need not take in everything again. */
  async keepTable(): Promise<void> {
    if (!this.#table) return;
    const blob = await this.#parts.blobs.put(writeGuestTable(this.#table));
    await this.#parts.blobs.flush();
    await this.#parts.recorder.add({ t: 'guest-table', blob });
  }

  /** Sends what changed here. Without a manifest only deletions go in, which carry no byte of this machine. */
  async push(sandbox: Sandbox, manifest: UploadManifest | undefined, signal: AbortSignal): Promise<void> {
    const plan = this.#outbound.takePlan();
    const deletions = plan?.deletions ?? [];
    const files = manifest ?? (plan && { ...plan.manifest, files: [], dependencies: [], bytes: 0 });
    if (files === undefined || files.files.length + deletions.length === 0) return;
    await this.#parts.recorder.intend({ t: 'sync-intent', kind: 'push', files: files.files.length });
    await this.#settle('push', async () => {
      const context = { ...this.#uploading(sandbox, signal), theirs: this.#theirs };
      const uploaded = await send(files, deletions, 'merge', context);
      this.#agree(uploaded, deletions);
      return { ...uploaded, chosen: files.included };
    });
  }

  /** Takes in what changed inside, as a new checkpoint. Answers whether anything had. */
  async pull(sandbox: Sandbox, signal: AbortSignal, how: PullHow = {}): Promise<boolean> {
    const { recorder, blobs, folder } = this.#parts;
    await recorder.add({ t: 'sync-intent', kind: 'pull' });
    try {
      const pulled = await pull({
        sandbox,
        root: this.root,
        exclude: this.#dependencies(),
        blobs,
        signal,
        ancestor: this.#ancestor,
        theirs: this.#theirs,
        // Nothing ran inside since the last look, so that young files are what they were, too.
        table: this.#isUntouched && this.#table ? settled(this.#table) : this.#table,
        ignored: async (paths) => (await folder?.ignored(paths)) ?? new Set(),
        ...how,
      });
      const changed = diffTrees(this.#theirs, pulled.theirs).size > 0;
      this.#table = pulled.table;
      this.#theirs = pulled.theirs;
      this.#unknown = pulled.unknown;
      this.#warnings = pulled.warnings;
      this.#asOf = Date.now();
      await blobs.flush();
      const checkpoint = await this.#newCheckpoint(pulled);
      await recorder.intend({ t: 'sync-done', kind: 'pull', files: pulled.files, bytes: pulled.bytes, checkpoint });
      return changed;
    } catch (error) {
      const problem = problemOf(error, 'pull-failed');
      await recorder.add({ t: 'sync-done', kind: 'pull', files: 0, bytes: 0, problem });
      throw error;
    }
  }

  /** Moves what both sides last agreed on. */
  async setAncestor(ancestor: Tree): Promise<void> {
    const tree = await this.#parts.blobs.putTree(ancestor);
    await this.#parts.blobs.flush();
    await this.#parts.recorder.intend({ t: 'ancestor', tree });
    this.#ancestor = ancestor;
  }

  /** The workspace's own words to agents: AGENTS.md as it stands inside. */
  async guidance(): Promise<string | undefined> {
    return await guidanceIn(this.#theirs, this.#parts.blobs);
  }

  async #newCheckpoint(pulled: Pick<Checkpoint, 'quality' | 'skipped'>): Promise<Checkpoint> {
    const { blobs, recorder } = this.#parts;
    const sides = { theirs: this.#theirs, ancestor: this.#ancestor };
    const { quality, skipped } = pulled;
    const made = { quality, skipped, logSeq: recorder.events.at(-1)?.seq ?? 0 };
    this.#checkpoint = await storeCheckpoint(blobs, sides, made, this.#checkpoint);
    return this.#checkpoint;
  }

  #uploading(sandbox: Sandbox, signal: AbortSignal) {
    return { sandbox, root: this.root, folder: this.#outbound.folder, blobs: this.#parts.blobs, signal };
  }

  /** Runs one announced upload and says in the log how it ended. */
  async #settle(kind: 'hydrate' | 'push', act: () => Promise<Crossed>): Promise<void> {
    const { recorder } = this.#parts;
    try {
      const crossed = await act();
      const { sent, bytes } = crossed;
      const checkpoint = await this.#newCheckpoint({ quality: 'exact', skipped: [] });
      await recorder.intend({ t: 'sync-done', kind, files: sent.size, bytes, checkpoint, ...pathsToTell(crossed) });
    } catch (error) {
      await recorder.add({ t: 'sync-done', kind, files: 0, bytes: 0, problem: problemOf(error, 'upload-failed') });
      throw error;
    }
  }

  /** Both sides move together: one record in the log says so. */
  #agree(uploaded: Uploaded, deletions: readonly RelPath[]): void {
    refuseUnlessCommitted(uploaded.outcome);
    const { ancestor, theirs } = afterUpload({ ancestor: this.#ancestor, theirs: this.#theirs }, uploaded, deletions);
    this.#ancestor = ancestor;
    this.#theirs = theirs;
    this.#outbound.remember(uploaded.tags, uploaded.leftOut);
  }
}

function refuseUnlessCommitted(outcome: Upload): void {
  if (outcome.kind !== 'committed') throw new AirlockError(outcome.problem);
}
