/** Passes bytes on and calls `late` where the next ones do not come in time. What the reader takes does not count. */
export async function* heard(
  bytes: AsyncIterable<Uint8Array>,
  withinMs: number,
  late: () => void,
): AsyncGenerator<Uint8Array> {
  const source = bytes[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await inTime(source.next(), withinMs, late);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await source.return?.();
  }
}

/** The answer itself, and a call of `late` where it does not come in time. */
export async function inTime<T>(answer: Promise<T>, withinMs: number, late: () => void): Promise<T> {
  const timer = setTimeout(late, withinMs);
  return await answer.finally(() => clearTimeout(timer));
}
