import { mintId } from '../../shared/ids.ts';
import { guestPath, relPath, type GuestPath, type RelPath } from '../paths.ts';
import { AirlockError, fail, problemOf } from '../problem.ts';
import type { Capabilities, Provider, Sandbox, Step, Upload } from '../sandbox.ts';
import type { BlobStore, LocalFolder } from '../storage.ts';
import { buildManifest, takesDependencies } from '../sync/manifest.ts';
import { writeGuestTable } from '../sync/guestTable.ts';
import { pull, settled, type PullOptions } from '../sync/pull.ts';
import { afterConverged, planPush, type PushPlan } from '../sync/push.ts';
import type { BlobId, Checkpoint, GuestTable, Tree, UploadManifest } from '../sync/types.ts';
import { diffTrees } from '../sync/tree.ts';
import { afterUpload, hydrate, send, type Uploaded } from '../sync/upload.ts';
import type { PlanOptions } from './api.ts';
import { prepareGuestGit } from './guestGit.ts';
import type { RecordKeeper } from './recordKeeper.ts';
import type { Recorder } from './recorder.ts';
import { readSides, type KnownSides } from './sides.ts';

/** Files above this size stay on this machine unless the person chooses them, in bytes. */
const maxFileBytes = 64 * 1024 * 1024;
/** Most skipped names that a checkpoint lists. */
const maxSkippedNamed = 1000;
/** How long after a listing nothing may have run for its tags to be believed, in milliseconds. */
const settleMs = 3000;
const maxGuidanceBytes = 64 * 1024;

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
  /** The workspace folder inside. */
  readonly root: GuestPath;
  readonly #parts: SyncParts;
  #ancestor: Tree;
  #theirs: Tree;
  #unknown: ReadonlySet<RelPath> = new Set();
  #checkpoint: Checkpoint | undefined;
  #table: GuestTable | undefined;
  #tags: ReadonlyMap<RelPath, string> = new Map();
  #plan: PushPlan | undefined;
  #warnings: readonly string[] = [];
  #asOf = 0;
  #trusted = false;
  #isUntouched = false;

  private constructor(parts: SyncParts, sides: KnownSides) {
    this.#parts = parts;
    this.root = guestPath(`/workspace/${parts.keeper.record.slug}`);
    this.#ancestor = sides.ancestor;
    this.#theirs = sides.theirs;
    this.#checkpoint = sides.checkpoint;
    this.#table = sides.table;
  }

  /** Reads back what both sides held when the session was last written. */
  static async open(parts: SyncParts): Promise<WorkspaceSync> {
    return new WorkspaceSync(parts, await readSides(parts.recorder.events, parts.blobs));
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

  /** True once the person's trust in the folder was told: git may be asked about it. */
  get trusted(): boolean {
    return this.#trusted;
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
    const probed = await provider.probe(options.signal);
    if (!probed.ready) throw new AirlockError(probed.problem);
    return await this.#scan(probed.caps, options);
  }

  /** Lists what changed here since both sides last agreed. Undefined where nothing did. */
  async planPush(options: PlanOptions): Promise<UploadManifest | undefined> {
    const folder = this.#folder();
    const whole = await this.#scan(undefined, options);
    const sides = { ancestor: this.#ancestor, theirs: this.#theirs, unknown: this.#unknown };
    const plan = await planPush(whole, sides, this.#tags, folder);
    this.#plan = plan;
    this.#tags = new Map([...this.#tags, ...plan.tags]);
    if (plan.converged.size > 0) await this.setAncestor(afterConverged(this.#ancestor, plan.converged));
    return plan.manifest.files.length === 0 && plan.deletions.length === 0 ? undefined : plan.manifest;
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
      const copying = { title: `Copying ${manifest.files.length} files` };
      step(copying);
      const onProgress = ({ files }: { files: number }) =>
        step({ ...copying, detail: `${files} of ${manifest.files.length}` });
      const uploaded = await hydrate(manifest, { ...this.#uploading(sandbox, signal), onProgress });
      this.#agree(uploaded, []);
      return uploaded;
    });
    step({ title: 'Preparing the workspace' });
    await prepareGuestGit(
      sandbox,
      this.root,
      manifest.dependencies.map(({ path }) => path),
      signal,
    );
    await this.pull(sandbox, signal, { fresh: true });
    this.#isUntouched = true;
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
    const deletions = this.#plan?.deletions ?? [];
    const files = manifest ?? (this.#plan && { ...this.#plan.manifest, files: [], dependencies: [], bytes: 0 });
    this.#plan = undefined;
    if (files === undefined || files.files.length + deletions.length === 0) return;
    await this.#parts.recorder.intend({ t: 'sync-intent', kind: 'push', files: files.files.length });
    await this.#settle('push', async () => {
      const context = { ...this.#uploading(sandbox, signal), theirs: this.#theirs };
      const uploaded = await send(files, deletions, 'merge', context);
      this.#agree(uploaded, deletions);
      return uploaded;
    });
  }

  /** Takes in what changed inside, as a new checkpoint. Answers whether anything had. */
  async pull(sandbox: Sandbox, signal: AbortSignal, how: PullHow = {}): Promise<boolean> {
    const { recorder, blobs, keeper, folder } = this.#parts;
    const trusted = this.#trusted;
    await recorder.add({ t: 'sync-intent', kind: 'pull' });
    try {
      const exclude = keeper.record.dependencies.map(relPath);
      const pulled = await pull({
        sandbox,
        root: this.root,
        exclude,
        blobs,
        signal,
        ancestor: this.#ancestor,
        theirs: this.#theirs,
        table: this.#table,
        ignored: async (paths) => (await folder?.ignored(paths, trusted)) ?? new Set(),
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
    const node = this.#theirs.get(relPath('AGENTS.md'));
    if (typeof node !== 'object' || node.t !== 'file' || node.size > maxGuidanceBytes) return undefined;
    return Buffer.from(await this.#parts.blobs.get(node.blob)).toString('utf8');
  }

  async #newCheckpoint(pulled: Pick<Checkpoint, 'quality' | 'skipped'>): Promise<Checkpoint> {
    const { blobs, recorder } = this.#parts;
    const theirs = await blobs.putTree(this.#theirs);
    const ancestor = await blobs.putTree(this.#ancestor);
    const parent = this.#checkpoint === undefined ? {} : { parent: this.#checkpoint.id };
    const { quality, skipped } = pulled;
    const logSeq = recorder.events.at(-1)?.seq ?? 0;
    await blobs.flush();
    const kept = { quality, skipped: skipped.slice(0, maxSkippedNamed) };
    this.#checkpoint = { id: mintId('checkpoint'), logSeq, theirs, ancestor, ...kept, ...parent };
    return this.#checkpoint;
  }

  async #scan(caps: Capabilities | undefined, options: PlanOptions): Promise<UploadManifest> {
    const { trusted, included, signal, onProgress } = options;
    this.#trusted = trusted;
    const withDependencies = caps !== undefined && takesDependencies(caps);
    const watching = onProgress ? { onProgress } : {};
    const scan = await this.#folder().scan({ trusted, withDependencies, maxFileBytes, signal, ...watching });
    return buildManifest(scan, included);
  }

  #uploading(sandbox: Sandbox, signal: AbortSignal) {
    return { sandbox, root: this.root, folder: this.#folder(), blobs: this.#parts.blobs, signal };
  }

  /** Runs one announced upload and says in the log how it ended. */
  async #settle(kind: 'hydrate' | 'push', act: () => Promise<Uploaded>): Promise<void> {
    const { recorder } = this.#parts;
    try {
      const { sent, bytes, leftOut } = await act();
      const left = leftOut.length === 0 ? {} : { leftOut: leftOut.map(({ path }) => path) };
      const checkpoint = await this.#newCheckpoint({ quality: 'exact', skipped: [] });
      await recorder.intend({ t: 'sync-done', kind, files: sent.size, bytes, checkpoint, ...left });
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
    this.#tags = new Map([...this.#tags, ...uploaded.tags]);
  }

  #folder(): LocalFolder {
    return (
      this.#parts.folder ??
      fail('folder-unavailable', 'Open the folder that this session belongs to.', { fix: 'open-folder' })
    );
  }
}

function refuseUnlessCommitted(outcome: Upload): void {
  if (outcome.kind !== 'committed') throw new AirlockError(outcome.problem);
}
