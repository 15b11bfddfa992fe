import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CelestoDoubleOptions } from '../../support/celesto/double.ts';

/**
 * A service that makes no computer, and takes a large upload no further than its first part, before it is told to: so
 * that what is told meanwhile can be seen however slow this machine is.
 */
export const heldService = {
  apiKey: 'right-key',
  asyncCreate: true,
  provisionMs: 600_000,
  bitsPerSecond: 20_000_000,
} satisfies CelestoDoubleOptions;

/** The first part: more than what comes before the files, less than the large one of them. */
export const firstBytes = 1_500_000;

/** Adds a file to a project that cannot be made smaller on its way. */
export async function withLargeFile(folder: string): Promise<void> {
  await writeFile(join(folder, 'recording.bin'), randomBytes(4_000_000));
}
