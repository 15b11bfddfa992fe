import { problemOf } from '../../core/problem.ts';
import { type Api, mostCommand } from './api/client.ts';
import type { Channels } from './channel/channels.ts';
import type { Begin } from './direct/connection.ts';
import { TerminalFeeder } from './direct/feeder.ts';
import { Commands, type Shell } from '../relay/job/commands.ts';
import { byRequests, type Feeder } from '../relay/job/feed.ts';
import { muxWay } from '../relay/job/muxWay.ts';
import { requestWay } from '../relay/job/requestWay.ts';
import type { Followed, Way, Ways } from '../relay/job/way.ts';
import { brokenCall, streamWay } from './streamWay.ts';

export interface WayParts {
  readonly api: Api;
  readonly computer: string;
  readonly channels: Channels;
  /** Begins a script in a terminal of its own. */
  readonly begin: Begin;
  /** Our program inside can carry many connections over one terminal. */
  carries(): boolean;
  readonly relay: () => readonly string[];
  /** Looks at the computer after something broke. True while it runs. */
  stillRuns(): Promise<boolean>;
  stoppedByUs(): boolean;
  log(line: string): void;
}

/** What pieces that are each a request carry within seconds: as long as it takes for an end of input to arrive. */
const untakenByRequests = 96 * 1024;

/** Chooses among the three ways, remembers which are not there, and says so once. */
export class ChosenWays implements Ways {
  readonly commands: Commands;
  readonly #parts: WayParts;
  readonly #stream: Way;
  readonly #terminal: Way;
  readonly #requests: Way;
  readonly #feeders = new WeakMap<Followed, Feeder>();
  #streams = true;
  /** Terminals for one script each. */
  #terminals = true;
  #said = '';

  constructor(parts: WayParts) {
    this.#parts = parts;
    const shell = shellOf(parts);
    this.commands = new Commands(shell, parts.relay);
    const feeder = (job: Followed) => this.#feeder(job);
    this.#stream = streamWay({ ...parts, commands: this.commands, feeder }, () => (this.#streams = false));
    this.#requests = requestWay(shell, this.commands, { feeder, broken: brokenCall });
    this.#terminal = muxWay('terminal', () => parts.channels.mux(), brokenCall);
  }

  /** Streams where the service has them; the terminal for input, for much output and where there are no streams. */
  choose(job: Followed): Way {
    const terminal = this.#parts.channels.offered;
    const way = this.#streams && !(job.wide && terminal) ? this.#stream : terminal ? this.#terminal : this.#requests;
    const said = `commands come by ${this.#streams ? 'stream' : way.name}${terminal ? '' : ', without a mux'}`;
    if (said !== this.#said) this.log(said);
    this.#said = said;
    return way;
  }

  get mostUntaken(): number | undefined {
    return this.#parts.channels.offered || this.#hasTerminals ? undefined : untakenByRequests;
  }

  get #hasTerminals(): boolean {
    return this.#terminals && !this.#parts.carries();
  }

  #feeder(job: Followed): Feeder {
    const known = this.#feeders.get(job);
    if (known !== undefined) return known;
    const requests = byRequests(this.commands);
    const feeder = this.#hasTerminals ? this.#byTerminal(job, requests) : requests;
    this.#feeders.set(job, feeder);
    return feeder;
  }

  #byTerminal({ over }: Followed, requests: Feeder): Feeder {
    const { begin, relay } = this.#parts;
    const tell = (op: string) => [...relay(), 'ctl', op].join(' ');
    return new TerminalFeeder({ begin, tell, requests, refused: () => (this.#terminals = false) }, over);
  }

  tell(op: string, records: Uint8Array, signal?: AbortSignal): Promise<'ok' | 'over' | 'none' | 'lost'> {
    return this.commands.tell(op, records, signal);
  }

  void(op: string): Promise<boolean> {
    return this.commands.void(op);
  }

  async stillRuns(): Promise<boolean> {
    try {
      return await this.#parts.stillRuns();
    } catch (error) {
      this.log(`the computer's state is not known (${problemOf(error, 'unreachable').id})`);
      throw error;
    }
  }

  stoppedByUs(): boolean {
    return this.#parts.stoppedByUs();
  }

  log(line: string): void {
    this.#parts.log(`celesto: ${line}`);
  }
}

function shellOf({ api, computer }: WayParts): Shell {
  const run: Shell['run'] = async (command, seconds, repeatable, signal) =>
    (await api.exec(computer, command, seconds, repeatable, signal)).stdout;
  return { mostCommand, run };
}
