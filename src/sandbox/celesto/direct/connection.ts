import { AirlockError, problem, type Problem } from '../../../core/problem.ts';
import type { Pipe } from '../../../core/sandbox.ts';
import { OutputQueue } from '../../common/outputQueue.ts';
import { connected, type Connecting } from '../connecting.ts';
import { carryScript } from './inside/carry.ts';
import type { Word } from './lines.ts';
import { overdraft, pieceCost, startCredit } from './pieces.ts';
import type { Script, Talk, TalkEvents } from './talk.ts';

/** Input of one piece: two of them fit into the least credit that a script gives. */
const mostBytes = 12_000;

/** What is needed of a script that has begun. */
export type Begun = Pick<Talk, 'send' | 'close' | 'damaged'>;

/** Begins a script in a terminal of its own. */
export type Begin = (script: Script, events: TalkEvents) => Begun;

/**
 * Connects to a TCP port on the computer's loopback, 127.0.0.1 first, then ::1, over a terminal of its own: by the first
 * of Node, socat and netcat that is there. Only Node goes on sending to a server that has ended its own half. Throws
 * `not-found` where nothing listens and `unsupported` where there is no terminal or none of the three. Reading the pipe
 * throws `sandbox-lost` where the connection to the computer broke.
 */
export async function dialDirect(begin: Begin, port: number, signal: AbortSignal): Promise<Pipe> {
  return await connected(new Connection(begin, port), signal);
}

class Connection implements Connecting {
  readonly pipe: Pipe;
  readonly #port: number;
  readonly #talk: Begun;
  readonly #ready = Promise.withResolvers<undefined>();
  readonly #queue = new OutputQueue<{ readonly bytes: Uint8Array; readonly cost: number }>({
    pause: () => undefined,
    resume: () => undefined,
  });
  #isOpen = false;
  #isOver = false;
  /** Nothing more is to be sent. */
  #isDeaf = false;
  #broken: Problem | undefined;
  /** What may still be sent, and what may still come. */
  #credit = 0;
  #granted = startCredit + overdraft;
  #owed = 0;
  #wake: () => void = () => undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(begin: Begin, port: number) {
    this.#port = port;
    this.pipe = {
      read: this.#read(),
      write: (bytes) => (this.#writing = this.#writing.then(() => this.#write(bytes))),
      end: () => (this.#writing = this.#writing.then(() => this.#end())),
      destroy: () => this.#close(),
    };
    this.#talk = begin(
      { text: carryScript(port), seconds: 25 },
      {
        word: (word) => this.#hear(word),
        data: (bytes, cost) => this.#take(bytes, cost),
        closed: (why) => this.#closed(why),
      },
    );
  }

  get ready(): Promise<unknown> {
    return this.#ready.promise;
  }

  #hear({ word, number = 0 }: Word): void {
    switch (this.#isOpen ? word : `first ${word}`) {
      case 'first o':
        this.#isOpen = true;
        this.#credit = number;
        this.#ready.resolve(undefined);
        break;
      case 'first r':
        this.#refuse(problem('not-found', `Nothing listens on port ${this.#port} in the computer.`));
        break;
      case 'first u':
        this.#refuse(problem('unsupported', 'To reach ports of this computer, install node, socat or nc inside.'));
        break;
      case 'c':
        this.#credit += number;
        this.#wake();
        break;
      case 'e':
        this.#queue.end();
        break;
      case 'f':
        if (!this.#isDeaf) void this.#talk.send('e\n');
        this.#isDeaf = true;
        this.#wake();
        break;
      case 'x':
        this.#close();
        break;
      default:
        this.#talk.damaged('The program inside says what it may not.');
    }
  }

  #take(bytes: Uint8Array, cost: number): void {
    this.#granted -= cost;
    if (!this.#isOpen || this.#granted < 0) this.#talk.damaged('The sandbox sends more than it may.');
    else this.#queue.push({ bytes, cost });
  }

  async *#read(): AsyncGenerator<Uint8Array> {
    for await (const { bytes, cost } of this.#queue) {
      this.#grant(cost);
      yield bytes;
    }
    if (this.#broken !== undefined) throw new AirlockError(this.#broken);
  }

  #grant(cost: number): void {
    this.#owed += cost;
    if (this.#owed < startCredit / 4) return;
    this.#granted += this.#owed;
    void this.#talk.send(`c ${this.#owed}\n`);
    this.#owed = 0;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += mostBytes) {
      const line = Buffer.from(bytes.subarray(at, at + mostBytes)).toString('base64');
      const cost = line.length + pieceCost;
      while (this.#credit < cost && !this.#isDeaf) await new Promise<void>((resolve) => (this.#wake = resolve));
      if (this.#isDeaf) return;
      this.#credit -= cost;
      await this.#talk.send(`d ${line.length}\n${line}\n`);
    }
  }

  async #end(): Promise<void> {
    if (!this.#isDeaf) await this.#talk.send('e\n');
    this.#isDeaf = true;
  }

  #refuse(why: Problem): void {
    this.#ready.reject(new AirlockError(why));
    this.#close();
  }

  #close(): void {
    this.#finish();
    this.#talk.close();
  }

  #closed(why: Problem): void {
    if (!this.#isOver) this.#broken = why;
    this.#finish();
    this.#ready.reject(new AirlockError(why));
  }

  #finish(): void {
    this.#isOver = this.#isDeaf = true;
    this.#queue.end();
    this.#wake();
  }
}
