import { fail } from '../../../core/problem.ts';
import { type Api, mostCommand } from '../api/client.ts';
import { AnswerLines, type LastWord } from './lines.ts';
import type { Followed } from './way.ts';

/** Bytes of a piece that, in base64, fits into a command with room to spare. */
export const pieceBytes = 7200;

/** How long a request may follow a job. */
export interface Follow {
  readonly window: number;
  readonly seconds: number;
  /** Hundredths of a second after the first bytes. 0: until the window is full or the job ends. */
  readonly quiet: number;
}

/** Command lines for the program inside, and the short questions that are asked with them. */
export class Commands {
  readonly #api: Api;
  readonly #computer: string;
  readonly #relay: () => string;

  constructor(api: Api, computer: string, relay: () => string) {
    this.#api = api;
    this.#computer = computer;
    this.#relay = relay;
  }

  /** A command that runs one mode of the program, with `input` on its standard input. */
  line(words: readonly (string | number)[], input: Uint8Array = new Uint8Array(0)): string {
    const head = `exec perl ${this.#relay()} ${words.join(' ')}`;
    if (input.length === 0) return `${head} </dev/null`;
    return `${head} <<'AIRLOCK'\n${Buffer.from(input).toString('base64')}\nAIRLOCK`;
  }

  /** The command that follows a job, and begins it where `begin` is set. What is too long for one goes ahead in pieces. */
  async follow(job: Followed, begin: boolean, { window, seconds, quiet }: Follow): Promise<string> {
    const how = [job.op, job.name, job.wanted, window, seconds, quiet];
    if (!begin) return this.line(['follow', ...how]);
    const spec = job.spec ?? new Uint8Array(0);
    const whole = this.line(['go', ...how], spec);
    if (whole.length <= mostCommand) return whole;
    await this.sendAhead(job.op, spec);
    return this.line(['go', ...how]);
  }

  /** Leaves `bytes` inside for the operation, in pieces that are each checked. */
  async sendAhead(op: string, bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      const word = await this.ask(['part', op, at], bytes.subarray(at, at + pieceBytes), true);
      if (word !== 'ok') fail('not-started', 'The computer has no room for the command.');
    }
  }

  /** Runs a mode that answers with one word. */
  async ask(
    words: readonly (string | number)[],
    input: Uint8Array,
    repeatable: boolean,
  ): Promise<LastWord | undefined> {
    const lines = new AnswerLines();
    const ran = await this.#api.exec(this.#computer, this.line(words, input), 60, repeatable);
    lines.push(`${ran.stdout}\n`);
    return lines.word;
  }
}
