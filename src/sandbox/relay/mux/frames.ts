import { fail } from '../../../core/problem.ts';

/** How bytes travel in one direction: as they are, or as lines of base64 where the way is not byte-exact. */
export type Coding = 'raw' | 'b64';

export interface Frame {
  readonly type: string;
  readonly channel: number;
  readonly bytes: Uint8Array;
}

const headBytes = 9;
const mostFrame = 1_048_576;
const mostLine = Math.ceil((mostFrame * 4) / 3) + 16;

/** Frames for the other side: length, type, channel, sum of the bytes, bytes. */
export function encodeFrame(coding: Coding, type: string, channel: number, bytes: Uint8Array): Uint8Array {
  const frame = Buffer.alloc(4 + headBytes + bytes.length);
  frame.writeUInt32BE(headBytes + bytes.length, 0);
  frame.write(type, 4, 'latin1');
  frame.writeUInt32BE(channel, 5);
  frame.writeUInt32BE(sumOf(bytes), 9);
  frame.set(bytes, 4 + headBytes);
  return coding === 'raw' ? frame : Buffer.from(`${frame.subarray(4).toString('base64')}\n`);
}

/** Gathers frames out of pieces of any length. Throws `protocol` for whatever is not exactly a frame. */
export class FrameReader {
  coding: Coding = 'b64';
  readonly #give: (frame: Frame) => void;
  #held: Buffer[] = [];
  #length = 0;

  constructor(give: (frame: Frame) => void) {
    this.#give = give;
  }

  push(bytes: Uint8Array): void {
    this.#held.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    this.#length += bytes.length;
    while (this.#next());
  }

  #next(): boolean {
    return this.coding === 'raw' ? this.#nextRaw() : this.#nextLine();
  }

  #nextRaw(): boolean {
    if (this.#length < 4) return false;
    const length = this.#whole(4).readUInt32BE(0);
    if (length < headBytes || length > mostFrame) damaged();
    if (this.#length < 4 + length) return false;
    this.#parse(this.#take(4 + length).subarray(4));
    return true;
  }

  #nextLine(): boolean {
    const last = this.#held.at(-1);
    if (last === undefined || !last.includes(10)) {
      if (this.#length > mostLine) damaged();
      return false;
    }
    const end = this.#whole(this.#length).indexOf(10);
    const line = this.#take(end + 1)
      .toString('latin1')
      .trim();
    if (line !== '') this.#parse(Buffer.from(line, 'base64'));
    return true;
  }

  #parse(body: Buffer): void {
    if (body.length < headBytes) damaged();
    const bytes = body.subarray(headBytes);
    if (sumOf(bytes) !== body.readUInt32BE(5)) damaged();
    this.#give({ type: String.fromCharCode(body[0] ?? 0), channel: body.readUInt32BE(1), bytes });
  }

  /** The first `length` bytes, joined only where they lie in several pieces. */
  #whole(length: number): Buffer {
    const [first] = this.#held;
    if (first === undefined) return Buffer.alloc(0);
    if (first.length < length) this.#held = [Buffer.concat(this.#held)];
    return (this.#held[0] ?? first).subarray(0, length);
  }

  #take(length: number): Buffer {
    const taken = this.#whole(length);
    const rest = (this.#held[0] ?? taken).subarray(length);
    if (rest.length === 0) this.#held.shift();
    else this.#held[0] = rest;
    this.#length -= length;
    return taken;
  }
}

/** The sum of the bytes modulo 2^32, which Perl and Python have built in. */
function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum += byte;
  return sum >>> 0;
}

function damaged(): never {
  return fail('protocol', 'What came over the terminal is damaged.', { delivery: 'maybe-sent' });
}
