import type { Readable } from 'node:stream';

/** Calls `tooMuch` once more than `most` bytes are held in a stream that nobody reads fast enough. */
export function boundHeld(stream: Readable, most: number, tooMuch: () => void): void {
  const push = stream.push.bind(stream);
  // Nothing is told of what arrives while a stream is paused.
  stream.push = (...args: Parameters<Readable['push']>) => {
    const more = push(...args);
    if (stream.readableLength > most) tooMuch();
    return more;
  };
}
