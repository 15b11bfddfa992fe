import type { ChangeSetId, SessionId } from '../../shared/ids.ts';
import type { SessionSummary, TranscriptItem } from '../../shared/view.ts';
import type { TurnEnd } from '../agent.ts';
import type { Gesture } from '../gesture.ts';
import { attachSubject } from '../computers/subject.ts';
import type { RelPath } from '../paths.ts';
import type { Problem } from '../problem.ts';
import type { Foreign, Step } from '../sandbox.ts';
import type { LocalFolder } from '../storage.ts';
import type { ApplyResult, ChangeSet, UploadManifest } from '../sync/types.ts';
import type {
  ApplyChoice,
  Disposable,
  EndHow,
  LastCheckpoint,
  PlanOptions,
  RefreshHow,
  Session,
  SessionDelta,
  TurnInput,
  Undoable,
} from './api.ts';
import { CurrentTurn } from './currentTurn.ts';
import { Ending, type EndingWord } from './ending.ts';
import { Filling } from './filling.ts';
import { takeInLast } from './lastTakeIn.ts';
import { statusOf } from './regions.ts';
import { OneAtATime } from './oneAtATime.ts';
import type { SessionParts } from './parts.ts';
import { SessionPorts } from './ports.ts';
import type { Presence } from './presence.ts';
import { restoreSession } from './restore.ts';
import type { Review } from './review.ts';
import { endSandbox } from './sandboxEnd.ts';
import { SandboxLife } from './sandboxLife.ts';
import { wordsOf, type SessionNetwork } from './sessionNetwork.ts';
import { OwnedSnapshots } from './snapshots.ts';
import { summaryOf } from './summary.ts';
import { takeAll } from './takeAll.ts';
import { OwnedTerminals } from './terminals.ts';
import { titleOf } from './title.ts';
import { workOnTurn } from './turn.ts';
import type { PullHow } from './workspaceSync.ts';

/** How long what runs may take to give way to the deletion of all of it, in milliseconds. */
const giveWayMs = 40_000;

/** A session that this window owns. One operation runs at a time; stopping a turn is always possible. */
export class OwnedSession implements Session {
  readonly id: SessionId;
  readonly folder: LocalFolder | undefined;
  readonly ports: SessionPorts;
  readonly network: SessionNetwork;
  readonly terminals: OwnedTerminals;
  readonly snapshots: OwnedSnapshots;
  readonly #parts: SessionParts;
  readonly #life: SandboxLife;
  readonly #filling: Filling;
  readonly #turn = new CurrentTurn();
  readonly #acts = new OneAtATime();
  readonly #ending: Ending;

  constructor(parts: SessionParts) {
    const { keeper, recorder, ledger, network, provider, log } = parts;
    this.id = keeper.id;
    this.network = network;
    this.folder = parts.folder;
    this.#parts = parts;
    const remember = keeper.rememberSandbox.bind(keeper);
    const { ledgerKey, sandbox } = keeper.record;
    const adopted = network.adopt.bind(network);
    const context = { session: this.id, provider, recorder, ledger, remember, adopted, log };
    this.#ending = new Ending(() => recorder.tell({ kind: 'summary' }));
    this.#life = new SandboxLife(context, ledgerKey, sandbox);
    this.#filling = new Filling(parts, this.#life);
    const running = () => (this.#life.isUsable ? this.#life.sandbox : undefined);
    this.ports = new SessionPorts({ session: this.id, recorder, forwarding: parts.forwarding, running });
    const takeIn = (signal: AbortSignal) => this.#takeInAll(signal);
    this.snapshots = new OwnedSnapshots({ session: this.id, recorder, acts: this.#acts, life: this.#life, takeIn });
    this.terminals = new OwnedTerminals({
      sandbox: () => this.#life.running,
      root: () => parts.sync.root,
      touched: () => parts.sync.touched(),
      look: () => this.ports.look(),
    });
    recorder.onDelta(({ kind }) => {
      if (kind === 'summary')
        void keeper.summarise(statusOf(recorder.regions, this.#ending.word), recorder.regions.changes);
    });
  }

  /** Finds out what is true after a reload or crash. What an interrupted turn did inside is taken in behind it. */
  async restore(signal: AbortSignal): Promise<void> {
    const restore = (either: AbortSignal) => restoreSession(this.#parts, this.#life, this.#filling, either);
    const restored = await this.#acts.run(restore, signal);
    // A failure is in the log with its problem, and the next turn takes it in again.
    if (restored.wasWorking) this.refreshChanges(signal).catch(() => undefined);
  }

  summary(): SessionSummary {
    const { keeper, network, provider, recorder } = this.#parts;
    const status = statusOf(recorder.regions, this.#ending.word);
    const words = wordsOf(network.view());
    const now = { ...(words === undefined ? {} : { network: words }), ...this.#life.powers };
    return summaryOf(keeper.record, provider, status, recorder.regions.changes, now);
  }

  transcript(): readonly TranscriptItem[] {
    return this.#parts.recorder.transcript.items();
  }

  onDidChange(listener: (delta: SessionDelta) => void): Disposable {
    return this.#parts.recorder.onDelta(listener);
  }

  problem(): Problem | undefined {
    return this.#acts.problem;
  }

  async planUpload(options: PlanOptions): Promise<UploadManifest> {
    return await this.#parts.sync.planUpload(this.#parts.provider, options);
  }

  async planPush(options: PlanOptions): Promise<UploadManifest | undefined> {
    if (!this.#life.exists) return undefined;
    return await this.#acts.run(async (signal) => {
      // What ran inside since the last turn must be known: it would be taken for unchanged and overwritten.
      await this.#takeIn(signal);
      return await this.#parts.sync.planPush({ ...options, signal });
    }, options.signal);
  }

  async start(manifest: UploadManifest, gesture: Gesture, step: (s: Step) => void, signal: AbortSignal): Promise<void> {
    gesture.spend('upload', manifest.subject);
    await this.#acts.run(async (either) => await this.#filling.fromFolder(manifest, step, either), signal);
  }

  lastCheckpoint(): LastCheckpoint | undefined {
    return this.#filling.lastCheckpoint;
  }

  async refill(gesture: Gesture, step: (s: Step) => void, signal: AbortSignal): Promise<void> {
    gesture.spend('refill', this.id);
    await this.#acts.run(async (either) => {
      await this.ports.forgetPublished();
      await this.#filling.fromCheckpoint(step, either);
    }, signal);
  }

  async attach(computer: Foreign, gesture: Gesture, step: (s: Step) => void, signal: AbortSignal): Promise<void> {
    gesture.spend('attach', attachSubject(computer, this.folder?.uri ?? ''));
    await this.#acts.run(async (either) => await this.#filling.byAttaching(computer, step, either), signal);
  }

  async restart(step: (s: Step) => void, signal: AbortSignal): Promise<void> {
    await this.#acts.run(async (either) => await this.#filling.restart(step, either), signal);
  }

  async send(input: TurnInput, push: { manifest: UploadManifest; gesture: Gesture } | undefined): Promise<TurnEnd> {
    push?.gesture.spend('upload', push.manifest.subject);
    return await this.#acts.run(async (giveWay) => await this.#takeTurn(input, push?.manifest, giveWay));
  }

  async #takeTurn(input: TurnInput, push: UploadManifest | undefined, giveWay: AbortSignal): Promise<TurnEnd> {
    const { sandbox } = this.#life;
    const { keeper, recorder } = this.#parts;
    if (recorder.events.every(({ event }) => event.t !== 'turn-started')) await keeper.rename(titleOf(input.prompt));
    const work = (signal: AbortSignal) => workOnTurn(this.#parts, sandbox, input, push, signal);
    return await this.#turn.run({ work, takeIn: (signal) => this.#takeIn(signal) }, giveWay);
  }

  async stopTurn(): Promise<void> {
    if (this.#turn.isRunning) await this.#ending.during('Stopping', async () => await this.#turn.stop());
  }

  async stopSandbox(): Promise<void> {
    await this.#endAct('Stopping', async (signal) => {
      if (!this.#life.exists) return;
      if (this.#life.isPaused) await this.#life.restart(() => undefined, signal).catch(() => undefined);
      // Where that fails, its files stay, and the log says why.
      await this.#takeInAll(signal).catch(() => undefined);
      await this.ports.unpublishAll();
      await this.#life.stop();
    });
  }

  async pauseSandbox(): Promise<void> {
    await this.#endAct('Pausing', async (signal) => {
      if (this.#life.isPaused) return;
      await this.#takeInAll(signal).catch(() => undefined);
      await this.#life.halt(signal);
    });
  }

  async end(how: EndHow = {}): Promise<void> {
    await this.#endAct('Stopping', async (signal) => {
      if (how.leaveRest !== true) await takeInLast(this.#life, this.#parts.sync, this.#parts.review, signal);
      await endSandbox(this.#life, this.ports, { ...how, isAttached: this.#isAttached });
      await this.#parts.recorder.intend({ t: 'ended', ...(this.#isAttached ? { kept: true } : {}) });
    });
  }

  async delete(gesture: Gesture): Promise<void> {
    gesture.spend('delete-session', this.id);
    await this.#ending.during('Stopping', async () => await this.#acts.clear(giveWayMs));
    await this.#acts.run(async () => {
      await this.#ending.during('Stopping', () => endSandbox(this.#life, this.ports, { isAttached: this.#isAttached }));
      await this.#letGo(() => this.#parts.recorder.close());
      await this.#parts.removeFiles();
    });
  }

  get #isAttached(): boolean {
    return this.#parts.keeper.record.attached === true;
  }

  changes(): ChangeSet | undefined {
    return this.#parts.review.current;
  }

  async refreshChanges(signal: AbortSignal, how: RefreshHow = {}): Promise<ChangeSet | undefined> {
    return await this.#acts.run(async (either) => {
      if (this.#life.isUsable && how.folderOnly !== true) await this.#takeIn(either, { verify: true });
      else await this.#parts.review.compareAgain();
      return this.#parts.review.current;
    }, signal);
  }

  async content(...asked: Parameters<Review['content']>): Promise<Uint8Array | undefined> {
    return await this.#parts.review.content(...asked);
  }

  async apply(set: ChangeSetId, choice: ApplyChoice, gesture: Gesture): Promise<ApplyResult> {
    gesture.spend('apply', set);
    return await this.#acts.run(async () => await this.#parts.review.apply(set, choice));
  }

  async reject(set: ChangeSetId, paths: readonly RelPath[]): Promise<void> {
    await this.#acts.run(async () => await this.#parts.review.reject(set, paths));
  }

  async offerRejected(): Promise<void> {
    await this.#acts.run(async () => await this.#parts.review.offerRejected());
  }

  async undoable(): Promise<Undoable | undefined> {
    return await this.#parts.review.undoable();
  }

  async undo(overwrite: ReadonlySet<RelPath>, gesture: Gesture): Promise<ApplyResult> {
    const agreed = (set: ChangeSetId) => gesture.spend('undo', set);
    return await this.#acts.run(async () => await this.#parts.review.undo(overwrite, agreed));
  }

  async detach(): Promise<void> {
    const { recorder, sync } = this.#parts;
    await this.#letGo(
      () => (this.#turn.isRunning ? Promise.resolve() : sync.keepTable().catch(() => undefined)),
      () => this.network.close(),
      // The log closes first: what the lost connection does to a running turn is for the next window to find out.
      () => recorder.close(),
      () => this.#life.detach(),
    );
  }

  /** Lets another window have it, where nothing is at work and this window does not answer. Told once it does again. */
  async giveWay(presence: Presence): Promise<void> {
    if (this.#acts.isBusy() || (await presence.answers()) || this.#acts.isBusy()) return;
    await this.detach().catch((error: unknown) => this.#parts.log(`${this.id}: ${String(error)}`));
    await presence.back();
    this.#parts.recorder.tell({ kind: 'given-away' });
  }

  async #takeIn(signal: AbortSignal, how: PullHow = {}): Promise<void> {
    if (!this.#life.isUsable) return;
    await this.#parts.sync.pull(this.#life.sandbox, signal, how);
    await this.#parts.review.compareAgain();
    await this.#parts.tidy.betweenActs();
  }

  /** Before a sandbox ends, every byte is hashed again: what its tags hid would be lost with it. */
  async #takeInAll(signal: AbortSignal): Promise<void> {
    await this.#takeIn(signal, { verify: true });
  }

  /** What ends the sandbox waits for nothing that a program inside could hold up. */
  async #endAct(word: EndingWord, act: (signal: AbortSignal) => Promise<void>): Promise<void> {
    await this.#ending.during(word, async () => await this.#acts.clear());
    await this.#acts.run(async (signal) => await this.#ending.during(word, async () => await act(signal)));
  }

  /** Whatever becomes of one step, the others follow: nobody else could have the session otherwise. */
  async #letGo(...steps: readonly (() => Promise<void>)[]): Promise<void> {
    if (this.#acts.isClosed) return;
    this.#acts.close();
    const here = [() => this.ports.close(), () => this.terminals.close()];
    await takeAll([...here, ...steps, () => this.#parts.release()]);
  }
}
