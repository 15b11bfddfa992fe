/** One piece of output as a frame of a kind. */
export interface Piece {
  readonly kind: number;
  readonly bytes: Uint8Array;
}

const keepBytes = 256 * 1024;
/** Smaller pieces are joined: what a person types comes back byte by byte. */
const smallPiece = 4096;

/** The last output of a program, for clients that come later. */
export class Kept {
  readonly #pieces: Piece[] = [];
  #bytes = 0;
  /** Bytes that were dropped. */
  missed = 0;

  get pieces(): readonly Piece[] {
    return this.#pieces;
  }

  add(kind: number, bytes: Uint8Array): void {
    const last = this.#pieces.at(-1);
    if (last?.kind === kind && last.bytes.length + bytes.length <= smallPiece) {
      this.#pieces[this.#pieces.length - 1] = { kind, bytes: Buffer.concat([last.bytes, bytes]) };
    } else {
      this.#pieces.push({ kind, bytes });
    }
    this.#bytes += bytes.length;
    while (this.#bytes > keepBytes && this.#pieces.length > 0) {
      const dropped = this.#pieces.shift()?.bytes.length ?? 0;
      this.#bytes -= dropped;
      this.missed += dropped;
    }
  }
}
