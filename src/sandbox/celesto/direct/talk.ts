import { problem, problemOf, type Problem } from '../../../core/problem.ts';
import { type Closed, Gateway, type GatewayParts, offersNone } from '../channel/gateway.ts';
import { loader } from './inside/shell.ts';
import { LineReader, type Word } from './lines.ts';

/** A wide terminal: what the shell echoes of our line stays in one piece. */
const size = { cols: 1000, rows: 24 };
const readyWithinMs = 20_000;
const pingEachMs = 20_000;
/** Without any sign of the script for so long it counts as gone. */
const silenceMs = 75_000;
/** How long a script may take to end. */
const endsWithinMs = 5000;

export interface TalkParts extends GatewayParts {
  /** Ends every process that carries the mark. True once verified. */
  endMarked(mark: string): Promise<boolean>;
}

/** A script that takes the place of a terminal's shell. */
export interface Script {
  readonly text: string;
  /** Seconds without input, 25 at most, after which a read inside gives nothing. It knows them by this name. */
  readonly seconds: number;
}

export interface TalkEvents {
  word(word: Word): void;
  /** Bytes, with what they cost of the credit. */
  data(bytes: Uint8Array, cost: number): void;
  /** Nothing more comes. Told once. */
  closed(why: Problem): void;
}

/**
 * A script of ours that has a terminal of the computer to itself, and what is said with it. It does not outlive its
 * connection: it ends when it is told to or hears nothing, and else is ended by its mark.
 */
export class Talk {
  readonly #parts: TalkParts;
  readonly #events: TalkEvents;
  readonly #name = crypto.randomUUID();
  readonly #reader: LineReader;
  readonly #begun = Promise.withResolvers<undefined>();
  readonly #over = Promise.withResolvers<undefined>();
  /** The connection is closed. `true`: because the script has ended. */
  readonly #left = Promise.withResolvers<boolean>();
  readonly #ready: NodeJS.Timeout;
  #gateway: Gateway | undefined;
  #isOver = false;
  #heardAt = Date.now();

  /** Begins at once; what becomes of it is told by `events`. */
  constructor(parts: TalkParts, script: Script, events: TalkEvents) {
    this.#parts = parts;
    this.#events = events;
    this.#reader = new LineReader(this.#name, {
      begun: () => this.#begun.resolve(undefined),
      word: (word) => this.#hear(word),
      data: (bytes, cost) => {
        if (!this.#isOver) events.data(bytes, cost);
      },
    });
    this.#ready = setTimeout(() => this.#end(lost('The shell of the computer does not answer.')), readyWithinMs);
    this.#run(script).catch((error: unknown) => {
      this.#end(offersNone(error) ? noTerminals() : problemOf(error, 'unreachable'));
    });
  }

  /** Resolves when there is room for more; at once when it is over. */
  async send(text: string): Promise<void> {
    if (!this.#isOver) await this.#gateway?.send(Buffer.from(text));
  }

  /** Ends the script with all that it started. */
  close(): void {
    this.#end(lost('The connection to the computer was closed.'));
  }

  /** Ends it for having said what it may not. */
  damaged(detail: string): void {
    this.#end(problem('protocol', detail, { delivery: 'maybe-sent' }));
  }

  get #mark(): string {
    return `AIRLOCK_TERMINAL=${this.#name}`;
  }

  /** A terminal that was asked for has a shell inside: it is seen to its end, also where nobody wants it any more. */
  async #run({ text, seconds }: Script): Promise<void> {
    const events = {
      bytes: (bytes: Uint8Array) => this.#take(bytes),
      closed: (how: Closed) => this.#closed(how),
    };
    const gateway = await Gateway.open(this.#parts, events, new AbortController().signal);
    this.#gateway = gateway;
    gateway.resize(size.cols, size.rows);
    await gateway.send(Buffer.from(loader(this.#name, this.#mark, seconds)));
    await Promise.race([this.#begun.promise, this.#over.promise]);
    await this.send(`${Buffer.from(`seconds=${seconds}\n${text}`).toString('base64')}\n`);
    const ping = setInterval(() => this.#beat(), pingEachMs).unref();
    await this.#over.promise;
    clearInterval(ping);
    await this.#finish(gateway);
  }

  async #finish(gateway: Gateway): Promise<void> {
    const timer = setTimeout(() => this.#left.resolve(false), endsWithinMs);
    // Where it has not begun this is no script at all, and the shell that would have read one ends as well.
    void gateway.send(Buffer.from('x\n'));
    const ended = await this.#left.promise;
    clearTimeout(timer);
    gateway.detach();
    if (!ended) await this.#parts.endMarked(this.#mark).catch(() => false);
  }

  #take(bytes: Uint8Array): void {
    this.#heardAt = Date.now();
    try {
      this.#reader.push(bytes);
    } catch (error) {
      this.#end(problemOf(error, 'protocol'));
    }
  }

  #hear(word: Word): void {
    clearTimeout(this.#ready);
    if (!this.#isOver && word.word !== 'p') this.#events.word(word);
  }

  #beat(): void {
    if (Date.now() - this.#heardAt > silenceMs) this.#end(lost('The computer does not answer.'));
    else void this.send('p\n');
  }

  #closed({ clean }: Closed): void {
    this.#left.resolve(clean);
    this.#end(lost('The connection to the computer was closed.'));
  }

  #end(why: Problem): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#ready);
    this.#over.resolve(undefined);
    this.#events.closed(why);
  }
}

function lost(detail: string): Problem {
  return problem('sandbox-lost', detail, { delivery: 'maybe-sent' });
}

/** What ports are reached over is not there. */
export function noTerminals(): Problem {
  return problem('unsupported', 'This computer offers no terminal over which ports are reached.');
}
