import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CelestoDouble } from '../../support/celesto/double.ts';
import { median, timed, type Measure } from '../report.ts';
import { Ours } from './ours.ts';
import { rawExec } from './raw.ts';

const rounds = 100;

/** One short command beside the plain request that runs the same, both by turns so that other load falls on both alike. */
export async function commandMeasure(double: CelestoDouble, scratch: string): Promise<Measure> {
  const source = join(scratch, 'nothing');
  await mkdir(source);
  const side = await Ours.open(double, source, join(scratch, 'command'));
  try {
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      ours.push(await side.command());
      theirs.push(await timed(() => rawExec(double, side.computer, '/bin/true')));
    }
    return { name: 'info.command', ours: median(ours), theirs: median(theirs), unit: 'ms' };
  } finally {
    await side.close();
  }
}
