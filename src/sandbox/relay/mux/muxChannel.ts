import { problem, type Problem } from '../../../core/problem.ts';
import type { Frame } from './frames.ts';

const startCredit = 262_144;
/** Input of one frame: with its head and in base64 it stays below what the gateway takes at once. */
const mostBytes = 32_768;

export interface ChannelEvents {
  /** It is open; `word` is what the other side says to that. */
  opened(word: string): void;
  refused(word: string): void;
  /** Bytes of the other side. They count against its credit until {@link MuxChannel.grant}. */
  data(bytes: Uint8Array): void;
  /** The other side sends no more. */
  ended(): void;
  /** Nothing more comes or goes. `why` is absent where the other side closed it. */
  closed(why: Problem | undefined): void;
}

/** What a channel needs of its mux. */
export interface ChannelLink {
  send(type: string, bytes: Uint8Array): Promise<void>;
  gone(): void;
}

/** One connection of a mux, with credit in both directions. */
export class MuxChannel {
  readonly #events: ChannelEvents;
  readonly #link: ChannelLink;
  #credit = startCredit;
  #granted = startCredit;
  #owed = 0;
  #opened = false;
  #over = false;
  #wake: () => void = () => undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(events: ChannelEvents, link: ChannelLink) {
    this.#events = events;
    this.#link = link;
  }

  /** Resolves when the bytes left within the credit, or when the channel is over. Writes keep their order. */
  write(bytes: Uint8Array): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write(bytes));
    return this.#writing;
  }

  /** No more will be written. */
  async end(): Promise<void> {
    await this.#writing;
    if (!this.#over) await this.#link.send('e', new Uint8Array(0));
  }

  /** So many bytes were used up here: the other side may send as many more. */
  grant(bytes: number): void {
    this.#owed += bytes;
    if (this.#over || this.#owed < startCredit / 4) return;
    this.#granted += this.#owed;
    void this.#link.send('c', Buffer.from(String(this.#owed)));
    this.#owed = 0;
  }

  close(): void {
    if (this.#over) return;
    void this.#link.send('x', new Uint8Array(0));
    this.#finish(undefined);
  }

  /** The mux is gone. */
  lost(why: Problem): void {
    this.#finish(why);
  }

  hear({ type, bytes }: Frame): void {
    const text = () => Buffer.from(bytes).toString('latin1').slice(0, 64);
    switch (type) {
      case 'o':
        if (!this.#opened) this.#events.opened(text());
        this.#opened = true;
        break;
      case 'r':
        this.#events.refused(text());
        this.#finish(undefined);
        break;
      case 'd':
        this.#granted -= bytes.length;
        if (this.#granted < 0) this.#tooMuch();
        else this.#events.data(bytes);
        break;
      case 'e':
        this.#events.ended();
        break;
      case 'c':
        this.#credit += Number(text()) || 0;
        this.#wake();
        break;
      case 'x':
        this.#finish(undefined);
        break;
      default:
        break;
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length && !this.#over;) {
      if (this.#credit <= 0) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      const piece = bytes.subarray(at, at + Math.min(mostBytes, this.#credit));
      this.#credit -= piece.length;
      at += piece.length;
      await this.#link.send('d', piece);
    }
  }

  #tooMuch(): void {
    void this.#link.send('x', new Uint8Array(0));
    this.#finish(problem('protocol', 'The sandbox sends more than it may.', { delivery: 'maybe-sent' }));
  }

  #finish(why: Problem | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#link.gone();
    this.#wake();
    this.#events.closed(why);
  }
}
