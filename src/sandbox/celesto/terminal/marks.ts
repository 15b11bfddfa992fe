/** What the program inside says of its terminal, between the bytes of what runs in it. */
export type Mark =
  { kind: 'ask' } | { kind: 'up' } | { kind: 'refused'; why: string } | { kind: 'ended'; code: number | undefined };

const bell = 7;
const mostMark = 512;

/** Takes the invisible marks out of a terminal's output, wherever it was cut. */
export class MarkReader {
  readonly #prefix: Buffer;
  readonly #bytes: (bytes: Uint8Array) => void;
  readonly #mark: (mark: Mark) => void;
  #held = Buffer.alloc(0);

  /** `name` is known to nobody else, so nothing that runs inside can print a mark by chance. */
  constructor(name: string, bytes: (bytes: Uint8Array) => void, mark: (mark: Mark) => void) {
    this.#prefix = Buffer.from(`\x1b]8737;${name};`);
    this.#bytes = bytes;
    this.#mark = mark;
  }

  push(bytes: Uint8Array): void {
    let rest = Buffer.concat([this.#held, bytes]);
    for (;;) {
      const at = rest.indexOf(this.#prefix);
      if (at < 0) break;
      const from = at + this.#prefix.length;
      const end = rest.indexOf(bell, from);
      if (end < 0 && rest.length - from < mostMark) {
        this.#give(rest.subarray(0, at));
        this.#held = rest.subarray(at);
        return;
      }
      this.#give(rest.subarray(0, at));
      if (end >= 0) this.#tell(rest.subarray(from, end).toString());
      rest = rest.subarray(end < 0 ? from : end + 1);
    }
    const begun = this.#beginning(rest);
    this.#give(rest.subarray(0, rest.length - begun));
    this.#held = rest.subarray(rest.length - begun);
  }

  /** No more will come: what looked like the beginning of a mark was none. */
  end(): void {
    this.#give(this.#held);
    this.#held = Buffer.alloc(0);
  }

  /** How many bytes at the end may be the beginning of a mark. */
  #beginning(bytes: Buffer): number {
    const from = bytes.lastIndexOf(0x1b);
    if (from < 0 || bytes.length - from >= this.#prefix.length) return 0;
    return this.#prefix.subarray(0, bytes.length - from).equals(bytes.subarray(from)) ? bytes.length - from : 0;
  }

  #give(bytes: Buffer): void {
    if (bytes.length > 0) this.#bytes(bytes);
  }

  #tell(text: string): void {
    const [, code] = /^exited (\d{1,3})$/.exec(text) ?? [];
    const [, why] = /^refused (.*)$/s.exec(text) ?? [];
    if (text === 'ask' || text === 'up') this.#mark({ kind: text });
    else if (code !== undefined) this.#mark({ kind: 'ended', code: Number(code) });
    else if (/^signaled \d{1,3}$/.test(text)) this.#mark({ kind: 'ended', code: undefined });
    else if (why !== undefined) this.#mark({ kind: 'refused', why: why.replace(/[^\x20-\x7e]/g, '?').slice(0, 200) });
  }
}
