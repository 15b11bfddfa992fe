import { fail } from '../../../core/problem.ts';
import { AnswerLines, type LastWord } from './lines.ts';
import type { Followed } from './way.ts';

/** Room for the words of a command beside what it carries, in characters. */
const words = 400;

/** Runs single command lines inside, each to its end. */
export interface Shell {
  /** The longest command, in characters. */
  readonly mostCommand: number;
  /**
   * Runs a command line for at most `seconds` and gives what it printed. `repeatable`: doing it twice is the same as
   * doing it once. Throws a problem where nothing came back.
   */
  run(command: string, seconds: number, repeatable: boolean, signal?: AbortSignal): Promise<string>;
}

/** How long a request may follow a job. */
export interface Follow {
  readonly window: number;
  readonly seconds: number;
  /** Hundredths of a second after the first bytes. 0: until the window is full or the job ends. */
  readonly quiet: number;
}

/** Command lines for the program inside, and the short questions that are asked with them. */
export class Commands {
  /** Bytes of a piece that, in base64, fits into a command. */
  readonly pieceBytes: number;
  readonly #shell: Shell;
  readonly #relay: () => readonly string[];
  /** Operations whose spec lies inside, until they begin. */
  readonly #ahead = new Set<string>();

  constructor(shell: Shell, relay: () => readonly string[]) {
    this.pieceBytes = Math.floor(((shell.mostCommand - words) * 3) / 4);
    this.#shell = shell;
    this.#relay = relay;
  }

  /** A command that runs one mode of the program, with `input` on its standard input. */
  line(words: readonly (string | number)[], input: Uint8Array = new Uint8Array(0)): string {
    const head = `exec ${[...this.#relay(), ...words].join(' ')}`;
    if (input.length === 0) return `${head} </dev/null`;
    return `${head} <<'AIRLOCK'\n${Buffer.from(input).toString('base64')}\nAIRLOCK`;
  }

  /** The command that follows a job, and begins it where `begin` is set. What is too long for one goes ahead in pieces. */
  async follow(job: Followed, begin: boolean, { window, seconds, quiet }: Follow): Promise<string> {
    const how = [job.op, job.name, job.wanted, window, seconds, quiet];
    if (!begin) return this.line(['follow', ...how]);
    const spec = job.spec ?? new Uint8Array(0);
    const whole = this.line(['go', ...how], spec);
    if (whole.length <= this.#shell.mostCommand) return whole;
    if (!this.#ahead.has(job.op)) await this.sendAhead(job.op, spec);
    this.#ahead.add(job.op);
    return this.line(['go', ...how]);
  }

  /** Leaves `bytes` inside for the operation, in pieces that are each checked. */
  async sendAhead(op: string, bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += this.pieceBytes) {
      const piece = bytes.subarray(at, at + this.pieceBytes);
      const word = await this.ask(['part', op, at], piece, true);
      if (word !== 'ok') fail('not-started', 'The sandbox has no room for the command.');
    }
  }

  /** Runs a mode that answers with one word. */
  async ask(
    words: readonly (string | number)[],
    input: Uint8Array,
    repeatable: boolean,
    signal?: AbortSignal,
  ): Promise<LastWord | undefined> {
    const lines = new AnswerLines();
    lines.push(`${await this.#shell.run(this.line(words, input), 60, repeatable, signal)}\n`);
    return lines.word;
  }

  /** Sends records to a job. */
  async tell(op: string, records: Uint8Array, signal?: AbortSignal): Promise<'ok' | 'over' | 'none' | 'lost'> {
    const word = await this.ask(['ctl', op], records, true, signal);
    return word === 'ok' || word === 'over' || word === 'none' ? word : 'lost';
  }

  /** Makes sure that an operation that has not begun never will. */
  async void(op: string): Promise<boolean> {
    return (await this.ask(['void', op], new Uint8Array(0), false)) === 'void';
  }
}
