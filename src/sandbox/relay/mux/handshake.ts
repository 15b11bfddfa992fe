import { fail } from '../../../core/problem.ts';
import type { Coding } from './frames.ts';

const endMark = '\nAIRLOCK-PROBED\n';
const mostNoise = 1_048_576;

/** Every byte, in an order that no text decoder takes for text, and then in its own order. */
export function probeBytes(): Uint8Array {
  const bytes = new Uint8Array(512);
  for (let at = 0; at < 256; at += 1) {
    bytes[at] = (at * 37) & 255;
    bytes[256 + at] = at;
  }
  return bytes;
}

/** The first thing that is sent: how to answer, and the probe of this direction. */
export function greeting(coding: Coding): Uint8Array {
  return Buffer.concat([Buffer.from(`${coding}\n`), probeBytes(), Buffer.from(endMark)]);
}

/**
 * Looks for the marker of the program inside in what a shell prints before it, then at its probe. Answers how bytes
 * come out, with what came behind the probe; undefined as long as more is needed. Throws `protocol` for endless noise.
 */
export class Hello {
  readonly #marker: Buffer;
  #seen = Buffer.alloc(0);

  constructor(name: string) {
    this.#marker = Buffer.from(`AIRLOCK-MUX ${name}`);
  }

  push(bytes: Uint8Array): { coding: Coding; rest: Uint8Array } | undefined {
    this.#seen = Buffer.concat([this.#seen, bytes]);
    if (this.#seen.length > mostNoise) fail('protocol', 'The shell of the computer does not come to an end.');
    const begin = this.#seen.indexOf(this.#marker);
    if (begin < 0) return undefined;
    const probe = begin + this.#marker.length + 1;
    const end = this.#seen.indexOf(endMark, probe);
    if (end < 0) return undefined;
    const exact = this.#seen.subarray(probe, end).equals(probeBytes());
    return { coding: exact ? 'raw' : 'b64', rest: this.#seen.subarray(end + endMark.length) };
  }
}
