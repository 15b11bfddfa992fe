import { AirlockError, problem, problemOf } from '../../core/problem.ts';
import type { Settled, Status } from '../../core/sandbox.ts';
import type { Snapshot } from '../../core/snapshots.ts';
import { Changes, unsettled } from '../common/changes.ts';
import { StatusBoard } from '../common/statusBoard.ts';
import { notRunning } from '../relay/job/start.ts';
import type { Guest } from './guest/guest.ts';
import type { Ground } from './parts.ts';
import type { SmolVmState } from './state.ts';
import { sentenceOf, type Vm } from './vm.ts';

/** How often a microVM is looked at while somebody watches it and no connection to it stands. */
const lookEachMs = 20_000;
/** An emulator that is just dying still counts as running: whoever does not reach it by then looks again. */
const reachWithinMs = 10_000;
const enterWithinMs = 70_000;
const syncWithinMs = 20_000;

/** What a life is made from. */
export interface LifeParts {
  readonly ground: Ground;
  readonly vm: Vm;
  readonly state: SmolVmState;
  /** The inside, which was entered. */
  readonly guest: Guest;
  /** Called once nobody is to reach it from here any more. May be called again. */
  letGo(): Promise<void>;
}

/** What is true of one microVM, as it is watched from here, and what changes it: one change after the other. */
export class Life {
  readonly board: StatusBoard;
  readonly #parts: LifeParts;
  readonly #changes = new Changes();
  readonly #over = new AbortController();
  #watchers = 0;
  #looking: NodeJS.Timeout | undefined;
  #detached = false;
  /** Verified to have ended by our own doing. */
  #ended = false;

  constructor(parts: LifeParts) {
    const { guest } = parts;
    this.#parts = parts;
    this.board = new StatusBoard({ state: 'running', incarnation: guest.inside.incarnation });
    guest.serve({
      lost: () => void this.#stillRuns().catch(() => undefined),
      stillRuns: () => this.#stillRuns(),
      stoppedByUs: () => this.#ended,
    });
  }

  /** The inside, where it can be worked in now. */
  get usable(): Guest | undefined {
    return this.#detached || this.board.now.state !== 'running' ? undefined : this.#parts.guest;
  }

  async *watch(signal: AbortSignal): AsyncGenerator<Status> {
    this.#watchers += 1;
    this.#looking ??= setInterval(() => void this.#glance(), lookEachMs).unref();
    try {
      yield* this.board.watch(signal);
    } finally {
      this.#watchers -= 1;
      if (this.#watchers === 0) this.#unwatch();
    }
  }

  start(signal: AbortSignal): Promise<Settled> {
    return this.#settling(async () => {
      if (this.board.now.state === 'gone') return gone();
      if (await this.#isGoneAt(() => this.#parts.vm.start(signal))) return gone();
      await this.#enter(signal);
      return { kind: 'done' };
    });
  }

  /** The connection is dropped first: one that is halted on the way would count as broken only much later. */
  pause(): Promise<Settled> {
    return this.#settling(async () => {
      const { state } = this.board.now;
      if (state === 'gone') return gone();
      if (state === 'paused') return { kind: 'done' };
      // What befalls this computer meanwhile must not take what programs believe to have written.
      if (state === 'running') await this.#sync();
      this.#parts.guest.close();
      if (await this.#isGoneAt(() => this.#parts.vm.pause())) return gone();
      this.#left('paused');
      return { kind: 'done' };
    });
  }

  stop(signal: AbortSignal): Promise<Settled> {
    return this.#settling(async () => {
      if (this.board.now.state === 'gone') return { kind: 'done' };
      if (this.board.now.state === 'paused') await this.#goOn(signal).catch(() => undefined);
      if (this.board.now.state === 'running') await this.#sync();
      if (!(await this.#ending(() => this.#isGoneAt(() => this.#parts.vm.stop())))) this.#left('stopped');
      return { kind: 'done' };
    });
  }

  /** It stands still meanwhile, and goes on whatever comes of it. */
  takeSnapshot(): Promise<Snapshot> {
    return this.#changes.run(async () => {
      const { vm } = this.#parts;
      if (this.usable === undefined) throw new AirlockError(notRunning());
      await this.#sync();
      try {
        return await vm.snapshots.take();
      } catch (error) {
        // The program may have ended between the halt and the going on.
        if ((await vm.look()).kind === 'paused') await vm.start(AbortSignal.timeout(enterWithinMs));
        throw error;
      }
    });
  }

  goBack(id: string, signal: AbortSignal): Promise<Settled> {
    return this.#settling(async () => {
      if (this.board.now.state === 'gone') return gone();
      if (this.board.now.state === 'running') await this.#sync();
      const { vm } = this.#parts;
      try {
        if (await this.#ending(() => this.#isGoneAt(() => vm.snapshots.restore(id)))) return gone();
      } catch (error) {
        await this.#look().catch(() => undefined);
        throw error;
      }
      await this.#enter(signal);
      return { kind: 'done' };
    });
  }

  delete(): Promise<Settled> {
    return this.#settling(async () => {
      const { ground, state, vm } = this.#parts;
      if (this.board.now.state === 'gone') return { kind: 'done' };
      if (!state.deleteOnClose) {
        ground.log(`let go of ${vm.name}, which was attached and lives on`);
        await this.detach();
        await this.#forgotten();
        return { kind: 'done' };
      }
      const settled = await this.#ending(() => vm.delete());
      if (settled.kind === 'done') await this.#buried();
      else this.#ended = false;
      return settled;
    });
  }

  async detach(): Promise<void> {
    if (this.#detached) return;
    this.#detached = true;
    await this.#letGo();
    if (this.board.now.state !== 'gone') await this.#note();
  }

  /** Waits for what we do ourselves, and for a paused one to go on; then looks. */
  async #stillRuns(): Promise<boolean> {
    await this.#changes.over;
    if (this.#ended) return false;
    if (await this.#look()) return true;
    if (this.board.now.state !== 'paused') return false;
    for await (const { state } of this.board.watch(this.#over.signal)) {
      if (state !== 'paused') return state === 'running';
    }
    return false;
  }

  /** A look while somebody watches: a connection that stands tells of its end by itself. */
  async #glance(): Promise<void> {
    if (this.board.now.state === 'running' && (await this.#parts.guest.stands())) return;
    // Also one that was stopped: somebody else may start it, or delete it.
    await this.#changes.over;
    await this.#look().catch(() => undefined);
  }

  /** Reads what is true of the microVM and puts it on the board. True where it runs. */
  async #look(): Promise<boolean> {
    if (this.board.now.state === 'gone') return false;
    const seen = await this.#parts.vm.look();
    switch (seen.kind) {
      case 'running':
        if (!this.#detached) await this.#enter(AbortSignal.timeout(enterWithinMs), AbortSignal.timeout(reachWithinMs));
        return true;
      case 'gone':
        await this.#buried();
        return false;
      case 'paused':
      case 'stopped':
        this.#left(seen.kind, sentenceOf(seen));
        return false;
      case 'dead':
      case 'failed':
        this.#left('lost', sentenceOf(seen));
        return false;
    }
  }

  /** A paused one, so that what it holds can still be written to its disk. */
  async #goOn(signal: AbortSignal): Promise<void> {
    await this.#parts.vm.start(signal);
    await this.#enter(signal, AbortSignal.any([signal, AbortSignal.timeout(reachWithinMs)]));
  }

  /** It runs: our program is seen to, and what is known of this boot is noted. */
  async #enter(signal: AbortSignal, reached = signal): Promise<void> {
    const { incarnation } = await this.#parts.guest.enter(signal, reached);
    this.#ended = false;
    await this.#note();
    const { state, incarnation: before } = this.board.now;
    if (state !== 'running' || before !== incarnation) this.board.set({ state: 'running', incarnation });
  }

  #left(state: 'paused' | 'stopped' | 'lost', detail?: string): void {
    if (state === 'stopped') this.#ended = true;
    this.#parts.guest.close();
    const { incarnation, state: before } = this.board.now;
    if (before === state) return;
    this.board.set({ state, incarnation, ...(detail === undefined ? {} : { detail }) });
  }

  /** It is gone. Its host key counts for no other that may be made under its name. */
  async #buried(): Promise<void> {
    const { ground, vm } = this.#parts;
    await ground.hostKeys.drop(vm.name);
    await this.#forgotten();
  }

  async #forgotten(): Promise<void> {
    const { ground, vm } = this.#parts;
    this.#ended = true;
    await this.#letGo();
    await ground.records.dropVm(vm.name);
    this.board.set({ state: 'gone', incarnation: this.board.now.incarnation });
  }

  async #letGo(): Promise<void> {
    this.#unwatch();
    this.#over.abort();
    await this.#parts.letGo();
    this.#parts.guest.close();
  }

  /** Ends the microVM by `act`: what runs inside is known dead then, unless that fails. */
  async #ending<T>(act: () => Promise<T>): Promise<T> {
    this.#ended = true;
    this.#parts.guest.close();
    try {
      return await act();
    } catch (error) {
      this.#ended = false;
      throw error;
    }
  }

  /** Does something with the microVM. True where it turns out to be gone. */
  async #isGoneAt(act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
      return false;
    } catch (error) {
      if (problemOf(error, 'sandbox-lost').id !== 'sandbox-gone') throw error;
      await this.#buried();
      return true;
    }
  }

  #unwatch(): void {
    clearInterval(this.#looking);
    this.#looking = undefined;
  }

  /** A stop is a power cut: what programs wrote goes to the disk first, as far as that can be had in time. */
  async #sync(): Promise<void> {
    const { ground, guest, vm } = this.#parts;
    const synced = await guest.sync(syncWithinMs).catch(() => false);
    if (!synced) ground.log(`${vm.name} could not be synced before it was halted`);
  }

  async #note(): Promise<void> {
    const { ground, guest, state, vm } = this.#parts;
    const before = await ground.records.vmOrUsual(vm.name);
    await ground.records.putVm({ ...before, ...state, v: 1, incarnation: guest.inside.incarnation });
  }

  #settling(change: () => Promise<Settled>): Promise<Settled> {
    return this.#changes.run(change).catch((error: unknown) => unsettled(error, 'sandbox-lost'));
  }
}

function gone(): Settled {
  return { kind: 'failed', problem: problem('sandbox-gone', 'The microVM was deleted.') };
}
