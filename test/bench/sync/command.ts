import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CelestoDouble } from '../../support/celesto/double.ts';
import { median, slow, type Measure } from '../report.ts';
import { Ours } from './ours.ts';

const rounds = 200;

/**
 * One short command beside the plain request that runs the same, both by turns from one process, so that other load falls
 * on both alike: the middle one, and one of the slow ones, as people notice those.
 */
export async function commandMeasures(double: CelestoDouble, scratch: string, name: string): Promise<Measure[]> {
  const folder = join(scratch, name);
  const source = join(folder, 'nothing');
  await mkdir(source, { recursive: true });
  const side = await Ours.open(double, source, join(folder, 'storage'));
  try {
    const ours: number[] = [];
    const theirs: number[] = [];
    // The first ones make connections.
    await side.command();
    await side.raw();
    for (let round = 0; round < rounds; round += 1) {
      ours.push(await side.command());
      theirs.push(await side.raw());
    }
    return [
      { name: `info.${name}`, ours: median(ours), theirs: median(theirs), unit: 'ms' },
      { name: `info.${name}.slow`, ours: slow(ours), theirs: slow(theirs), unit: 'ms' },
    ];
  } finally {
    await side.close();
  }
}
