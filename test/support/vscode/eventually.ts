import { setTimeout as wait } from 'node:timers/promises';

/**
 * Looks again and again until there is something.
 *
 * @param look gives undefined (or throws) as long as there is nothing
 * @param what names what is waited for, for the error
 * @returns what was found
 * @throws Error when nothing came in time, with the last error as its cause
 */
export async function eventually<T>(look: () => Promise<T | undefined>, what: string, timeoutMs = 60_000): Promise<T> {
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

/** A text as it is shown: terminals and editors draw spaces as unbreakable ones. */
export function shown(text: string | null): string {
  return (text ?? '').replaceAll('\u00a0', ' ').trim();
}

/** Matches an element whose whole text is this one; a pattern stays as it is. */
export function exactly(text: string | RegExp): RegExp {
  if (text instanceof RegExp) return text;
  return new RegExp(`^\\s*${text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}\\s*$`);
}
