import { AirlockError, fail } from '../../../core/problem.ts';
import { guestPath } from '../../../core/paths.ts';
import type { Exec, ExecRequest, Pipe } from '../../../core/sandbox.ts';
import { mintId } from '../../../shared/ids.ts';
import { notRunning, startExec } from '../../relay/job/start.ts';
import type { Mux } from '../../relay/mux/mux.ts';
import type { Inside } from '../../relay/prepare.ts';
import { awaitGuest, prepareGuest } from '../enter.ts';
import type { Vm } from '../vm.ts';
import { BulkExec } from './bulkExec.ts';
import type { Endpoint } from './connection.ts';
import { dial } from './dial.ts';
import type { HostKeys } from './hostKeys.ts';
import { Line } from './line.ts';
import { GuestWays } from './ways.ts';

const killWithinMs = 20_000;

/** What a guest asks of the sandbox that it is the inside of. */
interface Holder {
  /** The connection is lost. */
  lost(): void;
  stillRuns(): Promise<boolean>;
  stoppedByUs(): boolean;
}

/** What a guest is entered with. */
export interface GuestParts {
  readonly hostKeys: HostKeys;
  /** Where its SSH server is; absent where it has none that can be reached. */
  readonly endpoint: Endpoint | undefined;
  log(line: string): void;
}

/** The inside of one microVM: the one connection there, and all that goes over it. */
export class Guest {
  readonly ways: GuestWays;
  readonly #vm: Vm;
  readonly #line: Line | undefined;
  /** Where its SSH server was seen last, as long as nothing speaks against that. */
  #endpoint: Endpoint | undefined;
  #inside: Inside | undefined;
  #holder: Holder = { lost: () => undefined, stillRuns: () => Promise.resolve(true), stoppedByUs: () => false };

  private constructor(vm: Vm, { hostKeys, endpoint, ...parts }: GuestParts) {
    const log = (line: string) => parts.log(line);
    this.#vm = vm;
    this.#endpoint = endpoint;
    const relay = () => this.inside.relay;
    if (endpoint === undefined)
      log(`${vm.name} has no SSH server that can be reached: its command line carries everything, slowly`);
    this.#line =
      endpoint === undefined
        ? undefined
        : new Line({
            name: vm.name,
            hostKeys,
            endpoint: (signal) => this.#whereNow(signal),
            hostKey: () => vm.hostKey(),
            relay,
            lost: () => {
              this.#endpoint = undefined;
              this.#holder.lost();
            },
            log,
          });
    this.ways = new GuestWays({
      line: this.#line,
      shell: vm.shell,
      relay,
      stillRuns: () => this.#holder.stillRuns(),
      stoppedByUs: () => this.#holder.stoppedByUs(),
      log,
    });
  }

  /** Goes into a microVM that runs. Throws where it cannot be entered. */
  static async open(vm: Vm, parts: GuestParts, signal: AbortSignal): Promise<Guest> {
    const guest = new Guest(vm, parts);
    try {
      await guest.enter(signal);
    } catch (error) {
      guest.close();
      throw error;
    }
    return guest;
  }

  /** What was found inside when it was last entered. */
  get inside(): Inside {
    return this.#inside ?? fail('sandbox-gone', 'The microVM was not entered.');
  }

  serve(holder: Holder): void {
    this.#holder = holder;
  }

  /** Sees to our program inside, after a start or a lost connection. `reached` ends the wait for its SSH server alone. */
  async enter(signal: AbortSignal, reached = signal): Promise<Inside> {
    const line = this.#line;
    const way = line === undefined ? this.#vm.shell : await awaitGuest(line, 1000 * this.#vm.bootSeconds, reached);
    return (this.#inside = await prepareGuest(way, signal));
  }

  /** Whether its connection stands. */
  stands(): Promise<boolean> {
    return this.#line?.stands() ?? Promise.resolve(false);
  }

  mux(): Promise<Mux | undefined> {
    return this.#line?.mux() ?? Promise.resolve(undefined);
  }

  /** A command that much goes to or comes from. */
  bulk(request: ExecRequest): Exec {
    const line = this.#line;
    if (line === undefined) return startExec(this.ways, this.inside.shell, request, true);
    const { relay } = this.inside;
    const endMarked = async (mark: string) =>
      (await this.#say([...relay, 'dead', mark], killWithinMs)).includes('.dead');
    return new BulkExec({ connect: () => line.connection(), relay, ways: this.ways, endMarked }, request);
  }

  async dial(port: number, signal: AbortSignal): Promise<Pipe> {
    if (this.#line === undefined) {
      return fail('unsupported', 'This microVM has no SSH server, over which its ports are reached.');
    }
    return await dial(await this.#line.connection(), port, signal);
  }

  /** Writes what programs inside have written to the disk. True once that was done in time. */
  async sync(withinMs: number): Promise<boolean> {
    return (await this.#say(['sh', '-c', 'sync && echo .synced'], withinMs)).includes('.synced');
  }

  /** Runs a short command inside and gives the end of what it printed. */
  async #say(argv: readonly string[], deadlineMs: number): Promise<string> {
    const request = { op: mintId('op'), run: { argv }, cwd: guestPath('/'), onLinkLoss: 'kill' as const, deadlineMs };
    const exec = startExec(this.ways, this.inside.shell, request, false);
    let said = '';
    for await (const { bytes } of exec.output) said = (said + Buffer.from(bytes).toString('latin1')).slice(-200);
    const { kind } = await exec.outcome;
    return kind === 'exited' ? said : '';
  }

  /** Drops the connection; a later need makes it anew. */
  close(): void {
    this.#endpoint = undefined;
    this.#line?.close();
  }

  async #whereNow(signal: AbortSignal): Promise<Endpoint> {
    if (this.#endpoint !== undefined) return this.#endpoint;
    const seen = await this.#vm.look(signal);
    if (seen.kind !== 'running') throw new AirlockError(notRunning());
    this.#endpoint = seen.endpoint;
    return seen.endpoint ?? fail('unreachable', 'The microVM has no SSH server that can be reached.');
  }
}
