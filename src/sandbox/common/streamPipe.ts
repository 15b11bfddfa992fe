import type { Duplex, Writable } from 'node:stream';
import type { Pipe } from '../../core/sandbox.ts';
import { SocketBytes } from './socketBytes.ts';

/** A connection as a pipe whose two directions close apart. */
export function pipeOver(stream: Duplex): Pipe {
  return {
    // A reset is an end; the reader's protocol tells whether it was too early.
    read: new SocketBytes(stream, { breakIsEnd: true }),
    write: (bytes) => written(stream, bytes),
    end: () => settled(stream, (done) => stream.end(done)),
    destroy: () => void stream.destroy(),
  };
}

/** Resolves when the bytes have left, or when that has become impossible. */
export function written(stream: Writable, bytes: Uint8Array): Promise<void> {
  return settled(stream, (done) => stream.write(bytes, done));
}

/** Resolves when it was done, or when that has become impossible. */
function settled(stream: Writable, act: (done: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    if (!stream.writable) {
      resolve();
      return;
    }
    const done = () => {
      stream.off('close', done);
      resolve();
    };
    stream.once('close', done);
    act(done);
  });
}
