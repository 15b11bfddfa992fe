import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CelestoDoubleOptions } from '../../support/celesto/double.ts';

/** A service that takes its time, so that what is told meanwhile can be seen: some seconds for each thing. */
export const slowService: CelestoDoubleOptions = {
  apiKey: 'right-key',
  asyncCreate: true,
  provisionMs: 6000,
  bitsPerSecond: 6_000_000,
};

/** Adds a file to a project that takes such a service some seconds, since it cannot be made smaller. */
export async function withLargeFile(folder: string): Promise<void> {
  await writeFile(join(folder, 'recording.bin'), randomBytes(4_000_000));
}
