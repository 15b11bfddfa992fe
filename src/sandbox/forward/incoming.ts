import { Body } from './body.ts';
import type { Framing } from './head.ts';

const maxHead = 64 * 1024;
const emptyLine = '\r\n\r\n';

/** A stream of messages: heads and bodies by turns. Holds one head or one chunk at most. */
export class Incoming {
  readonly #source: AsyncIterator<Uint8Array>;
  #held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The next head without its empty line; undefined where the stream ends instead. Rejects for one without an end. */
  async head(): Promise<string | undefined> {
    for (;;) {
      const end = this.#held.indexOf(emptyLine);
      if (end >= 0) {
        const head = this.#held.toString('latin1', 0, end);
        this.#held = this.#held.subarray(end + emptyLine.length);
        return head;
      }
      if (this.#held.length > maxHead) throw new Error('A head has no end.');
      if (!(await this.#more())) {
        if (this.#held.length > 0) throw new Error('A head was cut short.');
        return undefined;
      }
    }
  }

  /** Passes a head and the body that follows it on, in as few writes as the bytes at hand allow. */
  async pass(head: Uint8Array, framing: Framing, write: (bytes: Uint8Array) => Promise<void>): Promise<void> {
    const body = new Body(framing);
    let lead: Uint8Array | undefined = head;
    for (;;) {
      const part = this.#take(body);
      if (lead !== undefined) await write(part.length === 0 ? lead : Buffer.concat([lead, part]));
      else if (part.length > 0) await write(part);
      lead = undefined;
      if (body.isWhole) return;
      if (!(await this.#more())) {
        if (body.endsWithStream) return;
        throw new Error('A body was cut short.');
      }
    }
  }

  /** All that is left of the stream, as it comes. */
  async *rest(): AsyncGenerator<Uint8Array> {
    do {
      const held = this.#held;
      this.#held = Buffer.alloc(0);
      if (held.length > 0) yield held;
    } while (await this.#more());
  }

  #take(body: Body): Buffer {
    const length = this.#held.length === 0 ? 0 : body.take(this.#held);
    const part = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    return part;
  }

  async #more(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done === true) return false;
    const { buffer, byteOffset, byteLength } = next.value;
    const chunk = Buffer.from(buffer, byteOffset, byteLength);
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    return true;
  }
}
