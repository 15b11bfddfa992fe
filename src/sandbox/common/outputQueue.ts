/** Bytes that are held for a slow reader: the sender is paused above `high` and goes on below `low`. */
export interface HeldBytes {
  readonly high: number;
  readonly low: number;
}

const usual: HeldBytes = { high: 1024 * 1024, low: 256 * 1024 };
/** What holding one piece costs besides its bytes: a sender of tiny pieces is held back as well. */
const pieceBytes = 128;

interface Sized {
  readonly bytes: Uint8Array;
}

/** Between a connection that pushes and a reader that pulls: holds the connection back while the reader is slow. */
export class OutputQueue<Item extends Sized> implements AsyncIterable<Item> {
  readonly #pause: () => void;
  readonly #resume: () => void;
  readonly #held: HeldBytes;
  #items: Item[] = [];
  #bytes = 0;
  #paused = false;
  #ended = false;
  #discarding = false;
  #wake: (() => void) | undefined;

  constructor(flow: { pause(): void; resume(): void }, held = usual) {
    this.#held = held;
    this.#pause = () => flow.pause();
    this.#resume = () => flow.resume();
  }

  /** False: nobody will read it, so it was dropped. */
  push(item: Item): boolean {
    if (this.#discarding || this.#ended) return false;
    this.#items.push(item);
    this.#bytes += item.bytes.length + pieceBytes;
    this.#wake?.();
    if (this.#bytes <= this.#held.high || this.#paused) return true;
    this.#paused = true;
    this.#pause();
    return true;
  }

  /** No more will come. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** The reader may never come: what is held stays readable, what still comes is dropped. */
  letFlow(): void {
    this.#discarding = true;
    this.#flow();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item> {
    try {
      for (;;) {
        const item = this.#items.shift();
        if (item !== undefined) {
          this.#bytes -= item.bytes.length + pieceBytes;
          if (this.#bytes < this.#held.low) this.#flow();
          yield item;
        } else if (this.#ended) {
          return;
        } else {
          await new Promise<void>((resolve) => (this.#wake = resolve));
        }
      }
    } finally {
      this.#items = [];
      this.letFlow();
    }
  }

  #flow(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#resume();
  }
}
