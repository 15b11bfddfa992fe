import { AirlockError } from '../../core/problem.ts';
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
import type { Snapshots } from '../../core/snapshots.ts';
import type { OpId } from '../../shared/ids.ts';
import { downloadByExec, uploadByExec } from '../bulk/index.ts';
import { attachExec, notRunning, startExec } from '../relay/job/start.ts';
import { watchListeners } from '../relay/listeners.ts';
import { joinTerminal, openTerminal } from '../relay/terminal.ts';
import { ExposedPorts } from './exposed.ts';
import type { Guest } from './guest/guest.ts';
import { Life } from './life.ts';
import type { Ground } from './parts.ts';
import { backendFacts, capabilitiesOf } from './program/index.ts';
import { stateOf, type SmolVmState } from './state.ts';
import type { Vm } from './vm.ts';

/** What a sandbox is made from. */
export interface SmolVmSandboxParts {
  readonly ground: Ground;
  readonly vm: Vm;
  readonly state: SmolVmState;
  /** Its inside, which was entered. */
  readonly guest: Guest;
  /** What runs it, as the program names it. */
  readonly backend: string | null | undefined;
}

/** One microVM on this machine. */
export class SmolVmSandbox implements Sandbox {
  readonly caps: Capabilities;
  readonly workspaceRoot = guestPath('/workspace');
  readonly pause?: (signal: AbortSignal) => Promise<Settled>;
  readonly snapshots?: Snapshots;
  readonly #state: SmolVmState;
  readonly #guest: Guest;
  readonly #exposed: ExposedPorts;
  readonly #life: Life;

  constructor({ backend, ...parts }: SmolVmSandboxParts) {
    const { ground, guest, state, vm } = parts;
    this.caps = capabilitiesOf(backend);
    this.#state = state;
    this.#guest = guest;
    const exposed = new ExposedPorts(this, (line) => ground.log(`${vm.name}: ${line}`));
    const life = new Life({ ...parts, letGo: () => exposed.close() });
    const { pauses, snapshots } = backendFacts(backend);
    if (pauses) this.pause = () => life.pause();
    if (snapshots) this.snapshots = snapshotsOf(vm, life);
    this.#exposed = exposed;
    this.#life = life;
  }

  get incarnation(): string {
    return this.#life.board.now.incarnation;
  }

  state(): ProviderState {
    return stateOf(this.#state);
  }

  watch(signal: AbortSignal): AsyncIterable<Status> {
    return this.#life.watch(signal);
  }

  exec(request: ExecRequest): Exec {
    return startExec(this.#usable?.ways, this.#shell, request, false);
  }

  attach(op: OpId): Promise<Exec | 'no-such-op' | 'cannot-know'> {
    return attachExec(this.#usable?.ways, op);
  }

  openTerminal(request: TerminalRequest, signal: AbortSignal): Promise<Terminal> {
    return openTerminal(this.#usable?.ways, this.#shell, request, signal);
  }

  keptTerminals(): Promise<readonly OpId[]> {
    return this.#usable?.ways.kept() ?? Promise.resolve([]);
  }

  joinTerminal(op: OpId, signal: AbortSignal): Promise<Terminal> {
    return joinTerminal(this.#usable?.ways, op, signal);
  }

  upload(tar: AsyncIterable<Uint8Array>, deletions: readonly RelPath[], options: UploadOptions): Promise<Upload> {
    return uploadByExec((request) => this.#bulk(request), tar, deletions, options);
  }

  download(request: PullRequest, options: BulkOptions): Promise<PullStream> {
    return downloadByExec((asked) => this.#bulk(asked), request, options);
  }

  async dial(port: number, signal: AbortSignal): Promise<Pipe> {
    const guest = this.#usable;
    if (guest === undefined) throw new AirlockError(notRunning());
    return await guest.dial(port, signal);
  }

  /** Lets these ports inside be reached at the same ports of loopback until it is let go of, over stops and starts. */
  expose(ports: readonly number[]): Promise<void> {
    return this.#exposed.open(ports);
  }

  listeners(signal: AbortSignal): AsyncIterable<readonly Listener[]> {
    return watchListeners(() => this.#guest.mux(), this.#life.board, signal);
  }

  start(signal: AbortSignal): Promise<Settled> {
    return this.#life.start(signal);
  }

  stop(signal: AbortSignal): Promise<Settled> {
    return this.#life.stop(signal);
  }

  delete(_signal: AbortSignal): Promise<Settled> {
    return this.#life.delete();
  }

  detach(): Promise<void> {
    return this.#life.detach();
  }

  get #usable(): Guest | undefined {
    return this.#life.usable;
  }

  get #shell(): string {
    return this.#guest.inside.shell;
  }

  #bulk(request: ExecRequest): Exec {
    return this.#usable?.bulk(request) ?? startExec(undefined, this.#shell, request, true);
  }
}

function snapshotsOf({ snapshots }: Vm, life: Life): Snapshots {
  return {
    take: () => life.takeSnapshot(),
    list: (signal) => snapshots.list(signal),
    goBack: (id, signal) => life.goBack(id, signal),
    remove: (id) => snapshots.remove(id),
  };
}
