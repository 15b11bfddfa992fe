import type { Framing } from './head.ts';

const maxLine = 8192;

/** Tells how many bytes of a stream belong to one body, as they come. Throws where chunks are not what they say. */
export class Body {
  readonly #framing: Framing;
  #left: number;
  #part: 'size' | 'data' | 'data-end' | 'trailer' = 'size';
  #line = '';
  #isWhole: boolean;

  constructor(framing: Framing) {
    this.#framing = framing;
    this.#left = framing.kind === 'length' ? framing.bytes : 0;
    this.#isWhole = framing.kind === 'length' && framing.bytes === 0;
  }

  /** The body has ended: what follows is another message. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** True where the end of the stream is the body's own end. */
  get endsWithStream(): boolean {
    return this.#framing.kind === 'until-close';
  }

  /** How many of these next bytes belong to the body. */
  take(bytes: Uint8Array): number {
    if (this.#framing.kind === 'until-close') return bytes.length;
    if (this.#framing.kind === 'chunked') return this.#takeChunks(bytes);
    const taken = this.#skip(bytes, 0);
    this.#isWhole = this.#left === 0;
    return taken;
  }

  #takeChunks(bytes: Uint8Array): number {
    let at = 0;
    while (at < bytes.length && !this.#isWhole) {
      if (this.#part === 'data') {
        at += this.#skip(bytes, at);
        if (this.#left === 0) this.#part = 'data-end';
      } else {
        at = this.#readLine(bytes, at);
      }
    }
    return at;
  }

  #skip(bytes: Uint8Array, at: number): number {
    const taken = Math.min(this.#left, bytes.length - at);
    this.#left -= taken;
    return taken;
  }

  #readLine(bytes: Uint8Array, at: number): number {
    const end = bytes.indexOf(10, at);
    const stop = end < 0 ? bytes.length : end + 1;
    this.#line += Buffer.from(bytes.buffer, bytes.byteOffset + at, stop - at).toString('latin1');
    if (this.#line.length > maxLine) throw new Error('A line between chunks is too long.');
    if (end >= 0) {
      if (!this.#line.endsWith('\r\n')) throw new Error('A line between chunks has no proper end.');
      const line = this.#line.slice(0, -2);
      this.#line = '';
      this.#lineEnded(line);
    }
    return stop;
  }

  #lineEnded(line: string): void {
    if (this.#part === 'trailer') {
      this.#isWhole = line === '';
    } else if (this.#part === 'data-end') {
      if (line !== '') throw new Error('A chunk is longer than it says.');
      this.#part = 'size';
    } else {
      const [, size] = /^([0-9A-Fa-f]{1,12})[ \t]*(?:;.*)?$/.exec(line) ?? [];
      if (size === undefined) throw new Error('A chunk has no size.');
      this.#left = Number.parseInt(size, 16);
      this.#part = this.#left === 0 ? 'trailer' : 'data';
    }
  }
}
