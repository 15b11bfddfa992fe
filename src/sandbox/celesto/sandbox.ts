import { AirlockError, problem } from '../../core/problem.ts';
import { guestPath, type RelPath } from '../../core/paths.ts';
import type {
  BulkOptions,
  Capabilities,
  Exec,
  ExecRequest,
  Listener,
  PublicPort,
  Published,
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
import { Changes, unsettled } from '../common/changes.ts';
import { StatusBoard } from '../common/statusBoard.ts';
import * as bulk from './bulk.ts';
import { Channels } from './channel/channels.ts';
import { attachExec, notRunning, startExec } from '../relay/job/start.ts';
import { ChosenWays } from './ways.ts';
import type { Inside } from '../relay/prepare.ts';
import { prepareInside } from './inside.ts';
import { isGone, reachGone, reachRunning, reachStopped, shown } from './lifecycle.ts';
import type { Ground } from './parts.ts';
import { PublicPorts } from './ports.ts';
import { Talks } from './direct/talks.ts';
import { PortsInside } from './portsInside.ts';
import { Pulse } from './pulse.ts';
import { stateOf, type CelestoState } from './state.ts';
import { endMarked } from './terminal/endMarked.ts';
import { openTerminal } from './terminal/terminal.ts';

/** One hosted computer. */
export class CelestoSandbox implements Sandbox {
  readonly caps: Capabilities;
  readonly workspaceRoot = guestPath('/workspace');
  readonly #public: PublicPorts;
  readonly #ground: Ground;
  readonly #state: CelestoState;
  readonly #idleMinutes: number | undefined;
  readonly #board: StatusBoard;
  readonly #changes = new Changes();
  readonly #channels: Channels;
  readonly #ways: ChosenWays;
  readonly #ports: PortsInside;
  readonly #talks: Talks;
  readonly #pulse: Pulse;
  #inside: Inside;
  #detached = false;
  /** Verified to have ended by our own doing. */
  #ended = false;

  constructor(
    ground: Ground,
    state: CelestoState,
    inside: Inside,
    idleMinutes: number | undefined,
    caps: Capabilities,
  ) {
    this.caps = caps;
    this.#ground = ground;
    this.#state = state;
    this.#inside = inside;
    this.#idleMinutes = idleMinutes;
    this.#board = new StatusBoard({ state: 'running', incarnation: inside.incarnation });
    const { api, dispatcher } = ground;
    const log = (line: string) => ground.log(line);
    const computer = state.computerId;
    const relay = () => this.#inside.relay;
    const carries = () => this.#inside.carries;
    this.#talks = new Talks({ api, computer, dispatcher, endMarked: (mark) => this.#endMarked(mark) });
    const { begin } = this.#talks;
    this.#channels = new Channels({ api, computer, dispatcher }, () => this.#inside, log);
    this.#ways = new ChosenWays({
      api,
      computer,
      channels: this.#channels,
      ...{ begin, carries, relay },
      stillRuns: () => this.#stillRuns(),
      stoppedByUs: () => this.#ended,
      log,
    });
    this.#ports = new PortsInside({ begin, carries, check: () => this.#check(), mux: () => this.#channels.mux() });
    this.#public = new PublicPorts(api, computer, () => this.#stillRuns());
    this.#pulse = new Pulse(idleMinutes, {
      beat: async () => {
        if ((await this.#channels.warm()) === undefined)
          await this.#ways.commands.ask(['seen'], new Uint8Array(0), true);
      },
      look: async () => {
        await this.#stillRuns();
      },
    });
    this.#pulse.start();
  }

  get incarnation(): string {
    return this.#board.now.incarnation;
  }

  state(): ProviderState {
    return stateOf(this.#state);
  }

  async *watch(signal: AbortSignal): AsyncGenerator<Status> {
    const stop = this.#pulse.watched();
    try {
      yield* this.#board.watch(signal);
    } finally {
      stop();
    }
  }

  exec(request: ExecRequest): Exec {
    return this.#exec(request, false);
  }

  attach(op: OpId): Promise<Exec | 'no-such-op' | 'cannot-know'> {
    return attachExec(this.#usable(), op);
  }

  async openTerminal(request: TerminalRequest, signal: AbortSignal): Promise<Terminal> {
    this.#check();
    const { api, dispatcher } = this.#ground;
    const log = (line: string) => this.#ground.log(line);
    const { relay, shell } = this.#inside;
    const computer = this.#state.computerId;
    const end = (mark: string) => this.#endMarked(mark);
    return await openTerminal({ api, computer, dispatcher, log, relay, shell, endMarked: end }, request, signal);
  }

  upload(tar: AsyncIterable<Uint8Array>, deletions: readonly RelPath[], options: UploadOptions): Promise<Upload> {
    return bulk.upload((request) => this.#exec(request, true), tar, deletions, options);
  }

  download(request: PullRequest, options: BulkOptions): Promise<PullStream> {
    return bulk.download((asked) => this.#exec(asked, true), request, options);
  }

  dial(port: number, signal: AbortSignal): Promise<Pipe> {
    return this.#ports.dial(port, signal);
  }

  readonly publish = (port: number, signal: AbortSignal): Promise<Published> => this.#public.publish(port, signal);
  readonly published = (signal: AbortSignal): Promise<readonly PublicPort[]> => this.#public.list(signal);
  readonly unpublish = (port: number): Promise<Settled> => this.#public.unpublish(port);

  listeners(signal: AbortSignal): AsyncIterable<readonly Listener[]> {
    return this.#ports.listeners(this.#board, signal);
  }

  start(signal: AbortSignal): Promise<Settled> {
    return this.#settling(async () => {
      if (this.#board.now.state === 'gone') return gone();
      const reached = await reachRunning(this.#ground.api, this.#state.computerId, { signal });
      if (reached === 'gone') {
        await this.#buried();
        return gone();
      }
      await this.#enter(signal);
      return { kind: 'done' };
    });
  }

  stop(signal: AbortSignal): Promise<Settled> {
    return this.#settling(async () => {
      if (this.#board.now.state === 'gone') return { kind: 'done' };
      const settled = await reachStopped(this.#ground.api, this.#state.computerId, { signal });
      if (settled.kind === 'done') this.#left('stopped');
      return settled;
    });
  }

  delete(signal: AbortSignal): Promise<Settled> {
    return this.#settling(async () => {
      if (this.#board.now.state === 'gone') return { kind: 'done' };
      if (!this.#state.deleteOnClose) {
        this.#ground.log('celesto: let go of a computer that was attached, which lives on');
        await this.detach();
        this.#board.set({ state: 'gone', incarnation: this.incarnation });
        return { kind: 'done' };
      }
      const settled = await reachGone(this.#ground.api, this.#state.computerId, { signal });
      if (settled.kind === 'done') await this.#buried();
      return settled;
    });
  }

  async detach(): Promise<void> {
    if (this.#detached) return;
    this.#detached = true;
    this.#pulse.stop();
    this.#disconnect();
    if (this.#board.now.state !== 'gone') await this.#note();
  }

  #exec(request: ExecRequest, wide: boolean): Exec {
    return startExec(this.#usable(), this.#inside.shell, request, wide);
  }

  #usable(): ChosenWays | undefined {
    return this.#detached || this.#board.now.state !== 'running' ? undefined : this.#ways;
  }

  #check(): void {
    if (this.#usable() === undefined) throw new AirlockError(notRunning());
  }

  #endMarked(mark: string): Promise<boolean> {
    return endMarked((asked) => this.exec(asked), this.#inside.relay, mark);
  }

  /** Drops every connection; a later need opens it anew. */
  #disconnect(): void {
    this.#channels.close();
    this.#talks.close();
  }

  /** Waits for what we do ourselves, then looks. */
  async #stillRuns(): Promise<boolean> {
    await this.#changes.over;
    return !this.#ended && (await this.#look());
  }

  /** Reads what is true of the computer and puts it on the board. */
  async #look(): Promise<boolean> {
    if (this.#board.now.state === 'gone') return false;
    try {
      const { status } = await this.#ground.api.get(this.#state.computerId);
      if (status === 'running') {
        if (this.#board.now.state !== 'running' && !this.#detached) await this.#enter();
        return true;
      }
      const detail = `The computer is ${shown(status)}.`;
      if (status === 'deleted') await this.#buried();
      else this.#left(status === 'stopped' ? 'stopped' : 'lost', detail);
    } catch (error) {
      if (!isGone(error)) throw error;
      await this.#buried();
    }
    return false;
  }

  /** It runs: our program is seen to, and what is known of this boot is noted. */
  async #enter(signal?: AbortSignal): Promise<void> {
    const { api } = this.#ground;
    const inside = await prepareInside(api, this.#state.computerId, this.#idleMinutes, signal);
    if (inside.incarnation !== this.#inside.incarnation) this.#disconnect();
    this.#inside = inside;
    this.#ended = false;
    await this.#note();
    const { state, incarnation } = this.#board.now;
    if (state === 'running' && incarnation === inside.incarnation) return;
    this.#board.set({ state: 'running', incarnation: inside.incarnation });
  }

  #left(state: 'stopped' | 'lost', detail?: string): void {
    if (state === 'stopped') this.#ended = true;
    this.#disconnect();
    if (this.#board.now.state === state) return;
    this.#board.set({ state, incarnation: this.incarnation, ...(detail === undefined ? {} : { detail }) });
  }

  async #buried(): Promise<void> {
    this.#ended = true;
    this.#pulse.stop();
    this.#disconnect();
    await this.#ground.records.dropComputer(this.#state.computerId);
    this.#board.set({ state: 'gone', incarnation: this.incarnation });
  }

  async #note(): Promise<void> {
    await this.#ground.records.putComputer(this.#state.computerId, {
      v: 1,
      incarnation: this.#inside.incarnation,
      deleteOnClose: this.#state.deleteOnClose,
      ...(this.#idleMinutes === undefined ? {} : { idleMinutes: this.#idleMinutes }),
      seenAt: Date.now(),
    });
  }

  #settling(change: () => Promise<Settled>): Promise<Settled> {
    return this.#changes.run(change).catch((error: unknown) => unsettled(error, 'service-failed'));
  }
}

function gone(): Settled {
  return { kind: 'failed', problem: problem('sandbox-gone', 'The computer was deleted.') };
}
