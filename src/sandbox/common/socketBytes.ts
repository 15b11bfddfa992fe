import type { Duplex } from 'node:stream';

/** More than this is left in the connection until it is asked for. */
const mostHeld = 256 * 1024;

interface Waiting {
  resolve(result: IteratorResult<Uint8Array, undefined>): void;
  reject(error: Error): void;
}

/**
 * What comes over a socket, chunk by chunk, for one reader. Reads ahead a little, so that the other side's end is
 * noticed early, and costs less than a stream's own iterator. Leaving a loop over it does not destroy the socket, whose
 * other half may still be wanted. `next` rejects where the connection closes before its end, unless a break is an end.
 */
export class SocketBytes implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #socket: Duplex;
  readonly #held: Uint8Array[] = [];
  #heldBytes = 0;
  #waiting: Waiting | undefined;
  #over: 'ended' | 'broken' | undefined;

  constructor(socket: Duplex, { breakIsEnd = false } = {}) {
    this.#socket = socket;
    socket.on('data', (bytes: Uint8Array) => this.#take(bytes));
    socket.on('end', () => this.#finish('ended'));
    socket.on('close', () => this.#finish(breakIsEnd ? 'ended' : 'broken'));
    socket.resume();
    if (socket.destroyed) this.#finish(breakIsEnd ? 'ended' : 'broken');
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const value = this.#held.shift();
    if (value !== undefined) {
      this.#heldBytes -= value.length;
      if (this.#heldBytes < mostHeld && this.#socket.isPaused()) this.#socket.resume();
      return Promise.resolve({ value });
    }
    if (this.#over === 'ended') return Promise.resolve({ value: undefined, done: true });
    if (this.#over === 'broken') return Promise.reject(broken());
    return new Promise((resolve, reject) => (this.#waiting = { resolve, reject }));
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    return Promise.resolve({ value: undefined, done: true });
  }

  #take(value: Uint8Array): void {
    const waiting = this.#waiting;
    if (waiting !== undefined) {
      this.#waiting = undefined;
      waiting.resolve({ value });
      return;
    }
    this.#held.push(value);
    this.#heldBytes += value.length;
    if (this.#heldBytes >= mostHeld) this.#socket.pause();
  }

  #finish(how: 'ended' | 'broken'): void {
    this.#over ??= how;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (this.#over === 'ended') waiting?.resolve({ value: undefined, done: true });
    else waiting?.reject(broken());
  }
}

function broken(): Error {
  return new Error('The connection broke.');
}
