import { problemOf } from '../../../core/problem.ts';
import { parseId, type OpId } from '../../../shared/ids.ts';
import { Commands, type Shell } from '../../relay/job/commands.ts';
import { usualPatience } from '../../relay/job/limits.ts';
import { muxWay } from '../../relay/job/muxWay.ts';
import { requestWay } from '../../relay/job/requestWay.ts';
import type { Patience, Way, Ways } from '../../relay/job/way.ts';
import { ask } from '../../relay/mux/asked.ts';
import type { Line } from './line.ts';

/** Each step is a process of the program, which tries other keys for a quarter of a minute before its own. */
const commandLinePatience: Patience = { hearWithinMs: 60_000, answerWithinMs: 180_000 };

export interface WayParts {
  /** Absent where the microVM has no SSH server: then every step is a call of the command line. */
  readonly line?: Line | undefined;
  readonly shell: Shell;
  readonly relay: () => readonly string[];
  /** Looks at the microVM after something broke. True while it runs. */
  stillRuns(): Promise<boolean>;
  stoppedByUs(): boolean;
  log(line: string): void;
}

/** How commands are begun, followed and told of things inside a microVM. */
export class GuestWays implements Ways {
  readonly #parts: WayParts;
  readonly #commands: Commands;
  readonly #way: Way;

  constructor(parts: WayParts) {
    const { line, shell, relay } = parts;
    this.#parts = parts;
    this.#commands = new Commands(shell, relay);
    this.#way = line === undefined ? requestWay(shell, this.#commands) : muxWay('ssh', () => line.mux());
  }

  get patience(): Patience {
    return this.#parts.line === undefined ? commandLinePatience : usualPatience;
  }

  choose(): Way {
    return this.#way;
  }

  async tell(op: string, records: Uint8Array, signal?: AbortSignal): Promise<'ok' | 'over' | 'none' | 'lost'> {
    const { line } = this.#parts;
    if (line === undefined) return await this.#commands.tell(op, records, signal);
    const { refused } = await ask(await line.mux(), 'C', Buffer.concat([Buffer.from(`${op}\0`), records]), signal);
    if (refused === undefined) return 'ok';
    return refused === 'over' || refused === 'none' ? refused : 'lost';
  }

  async void(op: string): Promise<boolean> {
    const { line } = this.#parts;
    if (line === undefined) return await this.#commands.void(op);
    return (await ask(await line.mux(), 'V', Buffer.from(op))).refused === 'void';
  }

  /** The terminals that are kept inside. */
  async kept(): Promise<readonly OpId[]> {
    const { line } = this.#parts;
    if (line === undefined) return [];
    const { text } = await ask(await line.mux(), 'K', new Uint8Array(0));
    return text
      .split('\n')
      .map((name) => parseId('op', name))
      .filter((op) => op !== undefined);
  }

  async stillRuns(): Promise<boolean> {
    try {
      return await this.#parts.stillRuns();
    } catch (error) {
      this.log(`the microVM's state is not known (${problemOf(error, 'unreachable').id})`);
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
