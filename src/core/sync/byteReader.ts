import { fail } from '../problem.ts';

/** Reads a byte stream in pieces of a known size, holding no more than the chunk at hand. */
export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);
  #received = 0;
  readonly #maxBytes: number;

  /** More than `maxBytes` in all is refused with `limit`. */
  constructor(source: AsyncIterable<Uint8Array>, maxBytes: number) {
    this.#source = source[Symbol.asyncIterator]();
    this.#maxBytes = maxBytes;
  }

  async #fill(): Promise<boolean> {
    while (this.#chunk.length === 0) {
      const next = await this.#source.next();
      if (next.done === true) return false;
      this.#chunk = next.value;
      this.#received += next.value.length;
      if (this.#received > this.#maxBytes) {
        fail('limit', `The sandbox sent more than ${this.#maxBytes} bytes in one answer.`, { delivery: 'maybe-sent' });
      }
    }
    return true;
  }

  async atEnd(): Promise<boolean> {
    return !(await this.#fill());
  }

  /** Passes the next `length` bytes on as they come. Throws `pull-failed` when the stream ends before. */
  async *pieces(length: number): AsyncGenerator<Uint8Array> {
    let left = length;
    while (left > 0) {
      if (!(await this.#fill())) cutShort();
      const piece = this.#chunk.subarray(0, left);
      this.#chunk = this.#chunk.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  /** Exactly `length` bytes in one piece; for small lengths. */
  async take(length: number): Promise<Uint8Array> {
    if (this.#chunk.length >= length) {
      const whole = this.#chunk.subarray(0, length);
      this.#chunk = this.#chunk.subarray(length);
      return whole;
    }
    const parts: Uint8Array[] = [];
    for await (const piece of this.pieces(length)) parts.push(piece);
    return Buffer.concat(parts);
  }

  async skip(length: number): Promise<void> {
    for await (const _ of this.pieces(length));
  }

  /** One line of at most `maxLength` bytes, without its newline. Throws `protocol` for a longer one. */
  async line(maxLength: number): Promise<string> {
    const parts: Uint8Array[] = [];
    let length = 0;
    for (;;) {
      if (!(await this.#fill())) cutShort();
      const end = this.#chunk.indexOf(10);
      const piece = end < 0 ? this.#chunk : this.#chunk.subarray(0, end);
      length += piece.length;
      if (length > maxLength)
        fail('protocol', 'The sandbox sent an answer that is not one.', { delivery: 'maybe-sent' });
      parts.push(piece);
      this.#chunk = this.#chunk.subarray(end < 0 ? this.#chunk.length : end + 1);
      if (end >= 0) return Buffer.concat(parts).toString('latin1');
    }
  }

  /** Lets go of the source. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }
}

function cutShort(): never {
  fail('pull-failed', 'The answer of the sandbox ended too early.', { delivery: 'maybe-sent' });
}
