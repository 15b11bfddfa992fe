import { type BigIntStats, lstatSync } from 'node:fs';
import { lstat } from 'node:fs/promises';

/** What a look takes on a quick disk at most, on average, in milliseconds. */
const quickMs = 0.05;
const usualFreeMs = 20;

/**
 * Looks at thousands of files one after the other, never through a link. On a quick disk a look costs less than handing
 * it to another thread, by far; on a slow one it is handed over, so that nothing else waits for the disk.
 */
export class Looks {
  #allowedMs: number;

  /** `freeMs`: what looks may take beyond the usual before they are handed over; 0 hands over at once. */
  constructor(freeMs = usualFreeMs) {
    this.#allowedMs = freeMs;
  }

  /** What stands at an absolute path. Rejects as `lstat` does. */
  async at(path: string): Promise<BigIntStats> {
    if (this.#allowedMs <= 0) return await lstat(path, { bigint: true });
    const begun = performance.now();
    try {
      return lstatSync(path, { bigint: true });
    } finally {
      this.#allowedMs += quickMs - (performance.now() - begun);
    }
  }
}

/** A cheap tag of what stands at a path, to find what may have changed. */
export function tagOf({ size, mtimeNs, ctimeNs, ino, mode }: BigIntStats): string {
  return [size, mtimeNs, ctimeNs, ino, mode].map((n) => n.toString(36)).join('.');
}
