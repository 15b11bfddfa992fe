import type { Egress, EgressGate } from '../../core/network/egress.ts';
import { fail, problem, problemOf } from '../../core/problem.ts';
import { guestPath, type GuestPath, type RelPath } from '../../core/paths.ts';
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
import { inside } from './bwrapArguments.ts';
import type { Outside } from '../egress/outside.ts';
import { dial } from './dial.ts';
import { openEgress } from './egress.ts';
import { attachExec, startExec, type Ground } from './exec.ts';
import type { KeeperLink } from './keeperLink.ts';
import { watchListeners } from './listeners.ts';
import type { Session } from './session.ts';
import { stateOf } from './state.ts';
import { StatusBoard } from '../common/statusBoard.ts';
import { Changes } from '../common/changes.ts';
import { joinTerminal, keptTerminals, openTerminal } from './terminal.ts';

/** A session's sandbox: files on this machine, and one confined tree of processes while it runs. */
export class ProcessSandbox implements Sandbox, Ground {
  readonly caps: Capabilities;
  readonly workspaceRoot: GuestPath;
  readonly #session: Session;
  readonly #board: StatusBoard;
  readonly #outside: Outside;
  #egress: Egress | undefined;
  #link: KeeperLink | undefined;
  #stopped = false;
  readonly #changes = new Changes();

  constructor(session: Session, link: KeeperLink, { caps, outside }: { caps: Capabilities; outside: Outside }) {
    this.caps = caps;
    this.#outside = outside;
    this.#session = session;
    this.workspaceRoot = guestPath(session.isMac ? session.folder.workspace : inside.workspace);
    this.#board = new StatusBoard({ state: 'running', incarnation: link.incarnation });
    this.#hold(link);
  }

  get incarnation(): string {
    return this.#board.now.incarnation;
  }

  /** The supervisor's socket while there is one. */
  get socket(): string | undefined {
    return this.#link?.supervisor;
  }

  state(): ProviderState {
    return stateOf(this.#session.folder.path, this.#session.record.run);
  }

  watch(signal: AbortSignal): AsyncIterable<Status> {
    return this.#board.watch(signal);
  }

  exec(request: ExecRequest): Exec {
    return startExec(this, request);
  }

  attach(op: OpId): Promise<Exec | 'no-such-op' | 'cannot-know'> {
    return attachExec(this, op);
  }

  openTerminal(request: TerminalRequest, signal: AbortSignal): Promise<Terminal> {
    return openTerminal(this, request, signal);
  }

  keptTerminals(): Promise<readonly OpId[]> {
    return keptTerminals(this);
  }

  joinTerminal(op: OpId, signal: AbortSignal): Promise<Terminal> {
    return joinTerminal(this, op, signal);
  }

  upload(tar: AsyncIterable<Uint8Array>, deletions: readonly RelPath[], options: UploadOptions): Promise<Upload> {
    return uploadByExec((request) => this.exec(request), tar, deletions, options);
  }

  download(request: PullRequest, options: BulkOptions): Promise<PullStream> {
    return downloadByExec((exec) => this.exec(exec), request, options);
  }

  dial(port: number, signal: AbortSignal): Promise<Pipe> {
    return dial(this.socket, port, signal);
  }

  listeners(signal: AbortSignal): AsyncIterable<readonly Listener[]> {
    return watchListeners(() => this.socket, this.#board, signal);
  }

  async openEgress(gate: EgressGate): Promise<Egress> {
    if (this.caps.egress !== 'allow-list') return fail('unsupported', 'This sandbox has no way to the network.');
    if (this.socket === undefined) return fail('sandbox-gone', 'The sandbox is not running.');
    await this.#egress?.close();
    return (this.#egress = await openEgress(this.socket, gate, this.#outside));
  }

  start(_signal: AbortSignal): Promise<Settled> {
    return this.#settling(async () => {
      if (this.#board.now.state === 'gone') return gone();
      if (this.#link !== undefined) return { kind: 'done' };
      if (!(await this.#session.isThere())) {
        this.#board.set({ state: 'gone', incarnation: this.incarnation });
        return gone();
      }
      this.#hold(await this.#session.boot());
      this.#board.set({ state: 'running', incarnation: this.#session.incarnation });
      return { kind: 'done' };
    });
  }

  stop(_signal: AbortSignal): Promise<Settled> {
    return this.#settling(async () => {
      if (this.#board.now.state === 'gone') return { kind: 'done' };
      return (await this.#end('stopped')) ? { kind: 'done' } : stillThere();
    });
  }

  delete(_signal: AbortSignal): Promise<Settled> {
    return this.#settling(async () => {
      if (this.#board.now.state === 'gone') return { kind: 'done' };
      if (!(await this.#end('stopped'))) return stillThere();
      await this.#session.remove();
      this.#board.set({ state: 'gone', incarnation: this.incarnation });
      return { kind: 'done' };
    });
  }

  detach(): Promise<void> {
    const link = this.#link;
    this.#link = undefined;
    link?.close();
    return this.#egress?.close() ?? Promise.resolve();
  }

  putDown(why: string): Promise<boolean> {
    return this.#changes.run(() => this.#end('stopped', why)).catch(() => false);
  }

  stoppedByUs(): boolean {
    return this.#stopped;
  }

  async #end(state: 'stopped', detail?: string): Promise<boolean> {
    this.#stopped = true;
    const dead = await this.#session.end();
    this.#link?.close();
    this.#link = undefined;
    const status = { state: dead ? state : ('lost' as const), incarnation: this.incarnation };
    this.#board.set(detail === undefined ? status : { ...status, detail });
    return dead;
  }

  #hold(link: KeeperLink): void {
    this.#link = link;
    this.#stopped = false;
    void link.over.then(() => this.#fell(link));
  }

  /** The sandbox ended, or its keeper did, without us having asked for it. */
  async #fell(link: KeeperLink): Promise<void> {
    if (this.#link !== link || this.#stopped) return;
    this.#link = undefined;
    const dead = await this.#session.isDead();
    const detail = dead ? 'The sandbox ended. Its files are still there.' : 'The connection to the sandbox was lost.';
    this.#board.set({ state: dead ? 'stopped' : 'lost', incarnation: this.incarnation, detail });
  }

  #settling(change: () => Promise<Settled>): Promise<Settled> {
    return this.#changes.run(change).catch((error: unknown) => ({
      kind: 'failed',
      problem: problemOf(error, 'sandbox-start-failed'),
    }));
  }
}

function gone(): Settled {
  return { kind: 'failed', problem: problem('sandbox-gone', 'The sandbox was deleted.') };
}

function stillThere(): Settled {
  return {
    kind: 'unknown',
    problem: problem('sandbox-lost', 'The end of the sandbox could not be verified.', { delivery: 'maybe-sent' }),
  };
}
