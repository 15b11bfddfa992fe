/** Bytes sent and not yet taken by the command, at most, over a connection that stands. */
const usualUntaken = 512 * 1024;

export interface InputPiece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/**
 * A command's standard input: read from its source no faster than the command takes it, and kept until it was taken, so
 * that it can be sent again over another way.
 */
export class Input {
  /** Set when the source is read to its end: the length of all. */
  length: number | undefined;
  /** Resolves when the source broke: the command must not take what came so far for the whole. */
  readonly broke: Promise<void>;
  readonly #mostUntaken: number;
  readonly #pieces: InputPiece[] = [];
  #read = 0;
  #taken = 0;
  #closed = false;
  #wakers = new Set<() => void>();

  constructor(source: AsyncIterable<Uint8Array>, mostUntaken = usualUntaken) {
    this.#mostUntaken = mostUntaken;
    this.broke = new Promise((resolve) => {
      this.#pull(source).catch(() => resolve());
    });
  }

  /** The command took so many bytes, or wants no more. */
  took(taken: number, closed: boolean): void {
    this.#taken = Math.max(this.#taken, Math.min(taken, this.#read));
    this.#closed ||= closed;
    while (this.#pieces[0] !== undefined && endOf(this.#pieces[0]) <= this.#taken) this.#pieces.shift();
    this.#wake();
  }

  /** No more is wanted. */
  close(): void {
    this.#closed = true;
    this.#pieces.length = 0;
    this.#wake();
  }

  /**
   * What is to be sent from `offset` on, as it comes; ends with the input or with the command's wish for it, or when
   * `stop` aborts.
   */
  async *from(offset: number, stop: AbortSignal): AsyncGenerator<InputPiece> {
    let next = Math.max(offset, this.#taken);
    while (!this.#closed && !stop.aborted) {
      const piece = this.#pieces.find((one) => endOf(one) > next);
      if (piece !== undefined) {
        const bytes = piece.bytes.subarray(Math.max(0, next - piece.offset));
        const at = Math.max(next, piece.offset);
        next = endOf(piece);
        yield { offset: at, bytes };
      } else if (this.length !== undefined) return;
      else await this.#change(stop);
    }
  }

  /** How far the command has come. */
  get taken(): number {
    return this.#taken;
  }

  get closed(): boolean {
    return this.#closed;
  }

  async #pull(source: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const bytes of source) {
      if (this.#isClosed()) return;
      if (bytes.length === 0) continue;
      this.#pieces.push({ offset: this.#read, bytes });
      this.#read += bytes.length;
      this.#wake();
      while (this.#read - this.#taken > this.#mostUntaken && !this.#isClosed()) await this.#change();
    }
    this.length = this.#read;
    this.#wake();
  }

  #isClosed(): boolean {
    return this.#closed;
  }

  #wake(): void {
    const wakers = [...this.#wakers];
    this.#wakers.clear();
    for (const wake of wakers) wake();
  }

  #change(stop?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#wakers.delete(wake);
        stop?.removeEventListener('abort', wake);
        resolve();
      };
      this.#wakers.add(wake);
      stop?.addEventListener('abort', wake);
    });
  }
}

function endOf(piece: InputPiece): number {
  return piece.offset + piece.bytes.length;
}
