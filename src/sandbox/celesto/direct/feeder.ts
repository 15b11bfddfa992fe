import { unlessLate } from '../../../core/unlessLate.ts';
import { type Feeder, untilThere } from '../../relay/job/feed.ts';
import type { InputPiece } from '../../relay/job/input.ts';
import { inputRecord } from '../../relay/job/records.ts';
import type { Begin, Begun } from './connection.ts';
import { feedScript } from './inside/feed.ts';

/** Input that is worth no terminal: a few requests carry it. */
const fewBytes = 16_384;
const mostBytes = 65_536;
/** Terminals of one job that may break before requests carry the rest. */
const mostFailures = 3;
/** A terminal that does not answer for so long counts as broken. */
const answersWithinMs = 60_000;

export interface TerminalFeederParts {
  readonly begin: Begin;
  /** The command line that has a job hear the records that it reads. */
  tell(op: string): string;
  /** What brings the little, and what no terminal brings. */
  readonly requests: Feeder;
  /** Called where the computer offers no terminal. */
  refused(): void;
}

const answers = { o: 'ok', v: 'over', n: 'none', l: 'lost' } as const;
type Answer = (typeof answers)[keyof typeof answers];

/**
 * Brings one job's input over a terminal of its own where our program inside carries no connections: one piece at a time,
 * so that none waits where it could be lost.
 */
export class TerminalFeeder implements Feeder {
  readonly #parts: TerminalFeederParts;
  readonly #over: AbortSignal;
  #brought = 0;
  #failures = 0;
  #talk: Promise<Begun | undefined> | undefined;
  #answer: (answer: Answer | undefined) => void = () => undefined;

  /** `over` aborts when the job needs no more. */
  constructor(parts: TerminalFeederParts, over: AbortSignal) {
    this.#parts = parts;
    this.#over = over;
  }

  async bring(op: string, piece: InputPiece, signal: AbortSignal): Promise<void> {
    const { offset, bytes } = piece;
    for (let at = 0; at < bytes.length && !signal.aborted; at += mostBytes) {
      await this.#bring(op, { offset: offset + at, bytes: bytes.subarray(at, at + mostBytes) }, signal);
    }
  }

  async end(...told: Parameters<Feeder['end']>): Promise<void> {
    await this.#parts.requests.end(...told);
  }

  async #bring(op: string, piece: InputPiece, signal: AbortSignal): Promise<void> {
    this.#brought += piece.bytes.length;
    while (this.#brought > fewBytes && this.#failures < mostFailures && !signal.aborted) {
      const heard = await untilThere(() => this.#say(op, piece), signal);
      if (heard !== undefined && heard !== 'lost') return;
      this.#failures += 1;
    }
    await this.#parts.requests.bring(op, piece, signal);
  }

  /** Undefined where the terminal broke, or there is none. */
  async #say(op: string, { offset, bytes }: InputPiece): Promise<Answer | undefined> {
    const talk = await (this.#talk ??= this.#begin(op));
    if (talk === undefined) return undefined;
    const line = Buffer.from(inputRecord(offset, bytes)).toString('base64');
    const answer = new Promise<Answer | undefined>((resolve) => (this.#answer = resolve));
    await talk.send(`d ${line.length}\n${line}\n`);
    return await unlessLate(answer, answersWithinMs, () => talk.close());
  }

  #refused(): void {
    this.#failures = mostFailures;
    this.#parts.refused();
  }

  #begin(op: string): Promise<Begun | undefined> {
    const begun = Promise.withResolvers<Begun | undefined>();
    const close = () => talk.close();
    let isBegun = false;
    const talk = this.#parts.begin(
      { text: feedScript(this.#parts.tell(op)), seconds: 25 },
      {
        word: ({ word }) => {
          if (isBegun === (word === 'b')) talk.damaged('The program inside says what it may not.');
          else if (word === 'b') {
            isBegun = true;
            begun.resolve(talk);
          } else this.#answer(answers[word as keyof typeof answers]);
        },
        data: () => talk.damaged('The program inside says what it may not.'),
        closed: ({ id }) => {
          if (id === 'unsupported') this.#refused();
          this.#over.removeEventListener('abort', close);
          this.#talk = undefined;
          begun.resolve(undefined);
          this.#answer(undefined);
        },
      },
    );
    this.#over.addEventListener('abort', close, { once: true });
    if (this.#over.aborted) close();
    return begun.promise;
  }
}
