import { setTimeout as wait } from 'node:timers/promises';

/** How long bytes may wait for others to go with. */
const holdMs = 10;

/**
 * Passes on what comes in pieces of at least `size` bytes, so that many small ones do not each pay for a way of their
 * own. Nothing is held back for longer than a moment, and nothing is read ahead of what was asked for but one piece.
 */
export async function* gathered(source: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  const pieces = source[Symbol.asyncIterator]();
  let held: Uint8Array[] = [];
  let length = 0;
  const take = (): Uint8Array => {
    const [only, ...others] = held;
    const whole = only !== undefined && others.length === 0 ? only : Buffer.concat(held);
    held = [];
    length = 0;
    return whole;
  };
  try {
    let coming = pieces.next();
    // Whoever waits for it hears of a failure; meanwhile it is nobody's.
    coming.catch(() => undefined);
    for (;;) {
      const next = length === 0 ? await coming : await soon(coming);
      if (next === 'later') {
        yield take();
        continue;
      }
      if (next.done === true) break;
      held.push(next.value);
      length += next.value.length;
      if (length >= size) yield take();
      coming = pieces.next();
      coming.catch(() => undefined);
    }
    if (length > 0) yield take();
  } finally {
    await pieces.return?.();
  }
}

async function soon<T>(coming: Promise<T>): Promise<T | 'later'> {
  const over = new AbortController();
  const pause = wait(holdMs, 'later' as const, { signal: over.signal }).catch(() => 'later' as const);
  try {
    return await Promise.race([coming, pause]);
  } finally {
    over.abort();
  }
}
