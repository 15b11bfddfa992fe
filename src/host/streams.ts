import { finished } from 'node:stream/promises';
import type { Readable, Writable } from 'node:stream';
import type { Pipe } from '../core/sandbox.ts';

/** A Node stream's bytes, read on demand. A broken stream ends the bytes; how the program ended says the rest. */
export async function* bytesOf(stream: Readable): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) yield chunk;
  } catch (error) {
    if (!stream.destroyed) throw error;
  }
}

/** Resolves when `bytes` were taken in, or when the other side stopped reading. */
export function writeAll(stream: Writable, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableEnded) resolve();
    else stream.write(bytes, () => resolve());
  });
}

/** Writes all of `source`, then closes the stream. */
export async function feed(stream: Writable, source: Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
  if (source instanceof Uint8Array) {
    stream.end(source);
    return;
  }
  try {
    for await (const bytes of source) {
      if (stream.destroyed) return;
      await writeAll(stream, bytes);
    }
    stream.end();
  } catch {
    stream.destroy();
  }
}

/** A Node stream pair as a {@link Pipe}; `onDestroy` ends what is behind it. */
export function asPipe(source: Readable, sink: Writable, onDestroy: () => void = () => undefined): Pipe {
  return {
    read: bytesOf(source),
    write: (bytes) => writeAll(sink, bytes),
    end: async () => {
      sink.end();
      await finished(sink, { readable: false }).catch(() => undefined);
    },
    destroy: () => {
      source.destroy();
      sink.destroy();
      onDestroy();
    },
  };
}
