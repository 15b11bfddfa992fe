import { setImmediate as nextTurn } from 'node:timers/promises';

/** Longest stretch of work in milliseconds before other work of this process gets its turn. */
const stretchMs = 8;

/** Lets long loops share the event loop: await it in each round; it gives way only when the stretch is used up. */
export function pacer(): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < stretchMs) return undefined;
    return nextTurn().then(() => {
      since = performance.now();
    });
  };
}

/** Runs `act` over all items, at most `width` at a time; the first failure stops the rest. */
export async function inParallel<T>(items: Iterable<T>, width: number, act: (item: T) => Promise<void>): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const breathe = pacer();
  let failed = false;
  const lane = async () => {
    for (let next = iterator.next(); next.done !== true && !failed; next = iterator.next()) {
      try {
        await act(next.value);
      } catch (error) {
        failed = true;
        throw error;
      }
      await breathe();
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
}
