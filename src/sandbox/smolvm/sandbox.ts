import { AirlockError, problem, problemOf } from '../../core/problem.ts';
import { guestPath, type RelPath } from '../../core/paths.ts';
import type {
  BulkOptions,
  Capabilities,
  Exec,
  ExecRequest,
  Listener,
  Pipe,
  ProviderState,
  PullRequest,
  PullStream,
  Sandbox,
  Settled,
  Status,
  Terminal,
  TerminalRequest,
  Upload,
  UploadOptions,
} from '../../core/sandbox.ts';
import type { OpId } from '../../shared/ids.ts';
import { downloadByExec, uploadByExec } from '../bulk/index.ts';
import { Changes, unsettled } from '../common/changes.ts';
import { StatusBoard } from '../common/statusBoard.ts';
import { attachExec, notRunning, startExec } from '../relay/job/start.ts';
import { watchListeners } from '../relay/listeners.ts';
import type { Inside } from '../relay/prepare.ts';
import { joinTerminal, openTerminal } from '../relay/terminal.ts';
import { ExposedPorts } from './exposed.ts';
import { Guest } from './guest/guest.ts';
import type { Ground } from './parts.ts';
import { stateOf, type SmolVmState } from './state.ts';
import { sentenceOf, type Vm } from './vm.ts';

/** How often a microVM is looked at while somebody watches it and no connection to it stands. */
const lookEachMs = 20_000;
/** An emulator that is just dying still counts as running: whoever does not reach it by then looks again. */
const reachWithinMs = 10_000;
const enterWithinMs = 70_000;
const syncWithinMs = 20_000;

/** One microVM on this machine. */
export class SmolVmSandbox implements Sandbox {
  readonly caps: Capabilities;
  readonly workspaceRoot = guestPath('/workspace');
  readonly #ground: Ground;
  readonly #vm: Vm;
  readonly #state: SmolVmState;
  readonly #board: StatusBoard;
  readonly #changes = new Changes();
  readonly #guest: Guest;
  readonly #exposed: ExposedPorts;
  #watchers = 0;
  #looking: NodeJS.Timeout | undefined;
  #detached = false;
  /** Verified to have ended by our own doing. */
  #ended = false;

  constructor(ground: Ground, vm: Vm, state: SmolVmState, guest: Guest, caps: Capabilities) {
    this.caps = caps;
    this.#ground = ground;
    this.#vm = vm;
    this.#state = state;
    this.#guest = guest;
    this.#board = new StatusBoard({ state: 'running', incarnation: guest.inside.incarnation });
    this.#exposed = new ExposedPorts(this, (line) => ground.log(`${vm.name}: ${line}`));
    guest.serve({
      lost: () => void this.#stillRuns().catch(() => undefined),
      stillRuns: () => this.#stillRuns(),
      stoppedByUs: () => this.#ended,
    });
  }

  get incarnation(): string {
    return this.#board.now.incarnation;
  }

  state(): ProviderState {
    return stateOf(this.#state);
  }

  async *watch(signal: AbortSignal): AsyncGenerator<Status> {
    this.#watchers += 1;
    this.#looking ??= setInterval(() => void this.#glance(), lookEachMs).unref();
    try {
      yield* this.#board.watch(signal);
    } finally {
      this.#watchers -= 1;
      if (this.#watchers === 0) this.#unwatch();
    }
  }

  exec(request: ExecRequest): Exec {
    return startExec(this.#usable()?.ways, this.#inside.shell, request, false);
  }

  attach(op: OpId): Promise<Exec | 'no-such-op' | 'cannot-know'> {
    return attachExec(this.#usable()?.ways, op);
  }

  openTerminal(request: TerminalRequest, signal: AbortSignal): Promise<Terminal> {
    return openTerminal(this.#usable()?.ways, this.#inside.shell, request, signal);
  }

  keptTerminals(): Promise<readonly OpId[]> {
    return this.#usable()?.ways.kept() ?? Promise.resolve([]);
  }

  joinTerminal(op: OpId, signal: AbortSignal): Promise<Terminal> {
    return joinTerminal(this.#usable()?.ways, op, signal);
  }

  upload(tar: AsyncIterable<Uint8Array>, deletions: readonly RelPath[], options: UploadOptions): Promise<Upload> {
    return uploadByExec((request) => this.#bulk(request), tar, deletions, options);
  }

  download(request: PullRequest, options: BulkOptions): Promise<PullStream> {
    return downloadByExec((asked) => this.#bulk(asked), request, options);
  }

  async dial(port: number, signal: AbortSignal): Promise<Pipe> {
    const guest = this.#usable();
    if (guest === undefined) throw new AirlockError(notRunning());
    return await guest.dial(port, signal);
  }

  /** Lets these ports inside be reached at the same ports of loopback until it is let go of, over stops and starts. */
  expose(ports: readonly number[]): Promise<void> {
    return this.#exposed.open(ports);
  }

  listeners(signal: AbortSignal): AsyncIterable<readonly Listener[]> {
    return watchListeners(() => this.#guest.mux(), this.#board, signal);
  }

  start(signal: AbortSignal): Promise<Settled> {
    return this.#settling(async () => {
      if (this.#board.now.state === 'gone') return gone();
      if (await this.#isGoneAt(() => this.#vm.start(signal))) return gone();
      await this.#enter(signal);
      return { kind: 'done' };
    });
  }

  stop(_signal: AbortSignal): Promise<Settled> {
    return this.#settling(async () => {
      if (this.#board.now.state === 'gone') return { kind: 'done' };
      if (this.#board.now.state === 'running') await this.#sync();
      if (!(await this.#ending(() => this.#isGoneAt(() => this.#vm.stop())))) this.#left('stopped');
      return { kind: 'done' };
    });
  }

  delete(_signal: AbortSignal): Promise<Settled> {
    return this.#settling(async () => {
      if (this.#board.now.state === 'gone') return { kind: 'done' };
      if (!this.#state.deleteOnClose) {
        this.#ground.log(`let go of ${this.#vm.name}, which was attached and lives on`);
        await this.detach();
        await this.#forgotten();
        return { kind: 'done' };
      }
      const settled = await this.#ending(() => this.#vm.delete());
      if (settled.kind === 'done') await this.#buried();
      else this.#ended = false;
      return settled;
    });
  }

  async detach(): Promise<void> {
    if (this.#detached) return;
    this.#detached = true;
    this.#unwatch();
    await this.#exposed.close();
    this.#guest.close();
    if (this.#board.now.state !== 'gone') await this.#note();
  }

  get #inside(): Inside {
    return this.#guest.inside;
  }

  #bulk(request: ExecRequest): Exec {
    return this.#usable()?.bulk(request) ?? startExec(undefined, this.#inside.shell, request, true);
  }

  #usable(): Guest | undefined {
    return this.#detached || this.#board.now.state !== 'running' ? undefined : this.#guest;
  }

  /** Waits for what we do ourselves, then looks. */
  async #stillRuns(): Promise<boolean> {
    await this.#changes.over;
    return !this.#ended && (await this.#look());
  }

  /** A look while somebody watches: a connection that stands tells of its end by itself. */
  async #glance(): Promise<void> {
    if (this.#board.now.state === 'running' && (await this.#guest.stands())) return;
    // Also one that was stopped: somebody else may start it, or delete it.
    await this.#changes.over;
    await this.#look().catch(() => undefined);
  }

  /** Reads what is true of the microVM and puts it on the board. */
  async #look(): Promise<boolean> {
    if (this.#board.now.state === 'gone') return false;
    const seen = await this.#vm.look();
    if (seen.kind === 'running') {
      if (!this.#detached) await this.#enter(AbortSignal.timeout(enterWithinMs), AbortSignal.timeout(reachWithinMs));
      return true;
    }
    if (seen.kind === 'gone') await this.#buried();
    else this.#left(seen.kind === 'stopped' ? 'stopped' : 'lost', sentenceOf(seen));
    return false;
  }

  /** It runs: our program is seen to, and what is known of this boot is noted. */
  async #enter(signal: AbortSignal, reached = signal): Promise<void> {
    const { incarnation } = await this.#guest.enter(signal, reached);
    this.#ended = false;
    await this.#note();
    const { state, incarnation: before } = this.#board.now;
    if (state !== 'running' || before !== incarnation) this.#board.set({ state: 'running', incarnation });
  }

  #left(state: 'stopped' | 'lost', detail?: string): void {
    if (state === 'stopped') this.#ended = true;
    this.#guest.close();
    if (this.#board.now.state === state) return;
    this.#board.set({ state, incarnation: this.incarnation, ...(detail === undefined ? {} : { detail }) });
  }

  /** It is gone. Its host key counts for no other that may be made under its name. */
  async #buried(): Promise<void> {
    await this.#ground.hostKeys.drop(this.#vm.name);
    await this.#forgotten();
  }

  async #forgotten(): Promise<void> {
    this.#ended = true;
    this.#unwatch();
    await this.#exposed.close();
    this.#guest.close();
    await this.#ground.records.dropVm(this.#vm.name);
    this.#board.set({ state: 'gone', incarnation: this.incarnation });
  }

  /** Ends the microVM by `act`: what runs inside is known dead then, unless that fails. */
  async #ending<T>(act: () => Promise<T>): Promise<T> {
    this.#ended = true;
    this.#guest.close();
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
    const synced = await this.#guest.sync(syncWithinMs).catch(() => false);
    if (!synced) this.#ground.log(`${this.#vm.name} could not be synced before it was stopped`);
  }

  async #note(): Promise<void> {
    const { records } = this.#ground;
    const before = await records.vmOrUsual(this.#vm.name);
    await records.putVm({ ...before, ...this.#state, v: 1, incarnation: this.#inside.incarnation });
  }

  #settling(change: () => Promise<Settled>): Promise<Settled> {
    return this.#changes.run(change).catch((error: unknown) => unsettled(error, 'sandbox-lost'));
  }
}

function gone(): Settled {
  return { kind: 'failed', problem: problem('sandbox-gone', 'The microVM was deleted.') };
}
