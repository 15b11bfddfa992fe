import { problemOf } from '../../../core/problem.ts';
import type { Api } from '../api/client.ts';
import type { Channels } from '../channel/channels.ts';
import { Commands } from './commands.ts';
import { bufferedWay, streamWay } from './requests.ts';
import { terminalWay } from './terminalWay.ts';
import type { Followed, Way, Ways } from './way.ts';

export interface WayParts {
  readonly api: Api;
  readonly computer: string;
  readonly channels: Channels;
  readonly relay: () => string;
  /** Looks at the computer after something broke. True while it runs. */
  stillRuns(): Promise<boolean>;
  stoppedByUs(): boolean;
  log(line: string): void;
}

/** Chooses among the three ways, remembers which are not there, and says so once. */
export class ChosenWays implements Ways {
  readonly commands: Commands;
  readonly #parts: WayParts;
  readonly #stream: Way;
  readonly #terminal: Way;
  readonly #requests: Way;
  #streams = true;
  #said = '';

  constructor(parts: WayParts) {
    this.#parts = parts;
    this.commands = new Commands(parts.api, parts.computer, parts.relay);
    const requests = { api: parts.api, computer: parts.computer, commands: this.commands };
    this.#stream = streamWay(requests, () => (this.#streams = false));
    this.#requests = bufferedWay(requests);
    this.#terminal = terminalWay(() => parts.channels.mux());
  }

  /** Streams where the service has them; the terminal for input, for much output and where there are no streams. */
  choose(job: Followed): Way {
    const terminal = this.#parts.channels.offered;
    const way = this.#streams && !(job.wide && terminal) ? this.#stream : terminal ? this.#terminal : this.#requests;
    const said = `commands come by ${this.#streams ? 'stream' : way.name}${terminal ? '' : ', without a terminal'}`;
    if (said !== this.#said) this.log(`celesto: ${said}`);
    this.#said = said;
    return way;
  }

  async tell(op: string, records: Uint8Array): Promise<'ok' | 'over' | 'none' | 'lost'> {
    const word = await this.commands.ask(['ctl', op], records, true);
    return word === 'ok' || word === 'over' || word === 'none' ? word : 'lost';
  }

  async void(op: string): Promise<boolean> {
    return (await this.commands.ask(['void', op], new Uint8Array(0), false)) === 'void';
  }

  async stillRuns(): Promise<boolean> {
    try {
      return await this.#parts.stillRuns();
    } catch (error) {
      this.log(`celesto: the computer's state is not known (${problemOf(error, 'unreachable').id})`);
      throw error;
    }
  }

  stoppedByUs(): boolean {
    return this.#parts.stoppedByUs();
  }

  log(line: string): void {
    this.#parts.log(line);
  }
}
