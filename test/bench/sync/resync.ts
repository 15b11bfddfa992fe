import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CelestoDouble } from '../../support/celesto/double.ts';
import { manyFiles } from '../manyFiles.ts';
import { median, type Measure } from '../report.ts';
import { settledMs } from './compare.ts';
import { Ours } from './ours.ts';
import { costOf } from './raw.ts';

const files = 50_000;
const rounds = 5;

/** A look at both sides of 50,000 files of which none changed; then what of it is the sandbox's side. */
export async function resyncMeasures(double: CelestoDouble, scratch: string): Promise<Measure[]> {
  const source = join(scratch, 'unchanged');
  await mkdir(source);
  await manyFiles(source, files, 400);
  const side = await Ours.open(double, source, join(scratch, 'unchanged-storage'));
  try {
    await side.hydrate();
    await sleep(settledMs);
    await side.touched();
    await side.resync();
    const both: number[] = [];
    const inside: number[] = [];
    let requests = 0;
    for (let round = 0; round < rounds; round += 1) {
      const { result, cost } = await costOf(double, () => side.resync());
      both.push(result);
      requests = Math.max(requests, cost.requests);
      inside.push((await side.pull()).ms);
    }
    const name = `info.resync.${files}`;
    return [
      { name, ours: median(both), unit: 'ms' },
      { name: `${name}.sandbox-side`, ours: median(inside), unit: 'ms' },
      { name: `${name}.requests`, ours: requests, unit: '' },
    ];
  } finally {
    await side.close();
  }
}
