import { Socket } from 'node:net';
import { Kept, type Piece } from './kept.ts';

/** After a command's end its background processes may hold the pipes: silence this long means that all was read. */
const quietMs = 50;
/** What a pipe can hold at most; more than that after the end was not written by the command itself. */
const mostAfterEnd = 1024 * 1024;

/** Reads a command's two pipes in the order in which bytes come, and holds them back while a client is slow. */
export class Output {
  readonly #send: (kind: number, bytes: Uint8Array) => boolean;
  readonly #sources = new Set<Socket>();
  readonly #kept = new Kept();
  #open = 0;
  #paused = false;
  #discarding = false;
  #sinceEnd: number | undefined;
  #quiet: NodeJS.Timeout | undefined;
  #onDrained: (() => void) | undefined;

  constructor(send: (kind: number, bytes: Uint8Array) => boolean) {
    this.#send = send;
  }

  /** Reads descriptor `fd` as frames of `kind`. */
  read(kind: number, fd: number): void {
    const source = new Socket({ fd, readable: true, writable: false });
    this.#sources.add(source);
    this.#open += 1;
    source.on('data', (bytes: Uint8Array) => this.#take(kind, bytes));
    source.on('error', () => undefined);
    source.once('close', () => {
      this.#sources.delete(source);
      this.#open -= 1;
      if (this.#open === 0) this.#finish();
    });
  }

  /** A client can take more. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    for (const source of this.#sources) source.resume();
    this.#startQuiet();
  }

  /** From here on output is read and thrown away, so that what still runs does not block or break on its pipe. */
  discard(): void {
    this.#discarding = true;
    this.resume();
    this.#finish();
  }

  /** Resolves when everything that the command wrote before its end was sent. */
  drained(): Promise<void> {
    if (this.#open === 0) return Promise.resolve();
    this.#sinceEnd = 0;
    return new Promise((resolve) => {
      this.#onDrained = resolve;
      this.#startQuiet();
    });
  }

  /** The last output, for a client that comes later. */
  kept(): readonly Piece[] {
    return this.#kept.pieces;
  }

  /** Bytes that were dropped from what is kept. */
  get missed(): number {
    return this.#kept.missed;
  }

  #take(kind: number, bytes: Uint8Array): void {
    if (this.#discarding) return;
    this.#kept.add(kind, bytes);
    if (!this.#send(kind, bytes)) {
      this.#paused = true;
      for (const source of this.#sources) source.pause();
    }
    if (this.#sinceEnd === undefined) return;
    this.#sinceEnd += bytes.length;
    if (this.#sinceEnd > mostAfterEnd) this.#finish();
    else this.#startQuiet();
  }

  #startQuiet(): void {
    clearTimeout(this.#quiet);
    if (this.#onDrained === undefined || this.#paused) return;
    this.#quiet = setTimeout(() => this.#finish(), quietMs);
  }

  #finish(): void {
    clearTimeout(this.#quiet);
    const done = this.#onDrained;
    this.#onDrained = undefined;
    done?.();
  }
}
