import { setTimeout as wait } from 'node:timers/promises';

/**
 * Looks again and again until there is something.
 *
 * @param look gives undefined (or throws) as long as there is nothing
 * @param what names what is waited for, for the error
 * @returns what was found
 * @throws Error when nothing came in time, with the last error as its cause
 */
export async function eventually<T>(look: () => Promise<T | undefined>, what: string, timeoutMs = 120_000): Promise<T> {
  const end = Date.now() + timeoutMs;
  let cause: unknown;
  do {
    try {
      const found = await look();
      if (found !== undefined) return found;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await wait(100);
  } while (Date.now() < end);
  throw new Error(`Did not appear in ${timeoutMs / 1000} s: ${what}`, { cause });
}

/**
 * Acts until its effect is seen: what is pressed in the moment in which it is drawn anew, or before who is to hear of it
 * listens, is lost. To act once more must do no harm.
 *
 * @param act does nothing, or throws, where it cannot be done now
 * @param seen gives undefined (or throws) as long as there is no effect
 * @param patienceMs how long an effect may take to come before the act counts as lost
 */
export async function actUntil<T>(
  act: () => Promise<unknown>,
  seen: () => Promise<T | undefined>,
  what: string,
  patienceMs = 15_000,
): Promise<T> {
  return await eventually(
    async () => {
      // It may have come after the patience with the last act was over.
      const already = await seen().catch(() => undefined);
      if (already !== undefined) return already;
      await act();
      return await eventually(seen, what, patienceMs);
    },
    what,
    150_000,
  );
}

/** A text as it is shown: terminals and editors draw spaces as unbreakable ones. */
export function shown(text: string | null): string {
  return (text ?? '').replaceAll('\u00a0', ' ').trim();
}

/** Matches an element whose whole text is this one; a pattern stays as it is. */
export function exactly(text: string | RegExp): RegExp {
  if (text instanceof RegExp) return text;
  return new RegExp(`^\\s*${text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}\\s*$`);
}
