// The extension's sync with hosted computers beside that of the published client of 0.0.14, which moves files in pieces
// of 48 KiB, at one double of the service, over a line as people have it.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startCelestoDouble, type CelestoDoubleOptions } from '../support/celesto/double.ts';
import { report, type Measure } from './report.ts';
import { scratchParent } from './scratch.ts';
import { commandMeasures } from './sync/command.ts';
import { measureOurs, measureTheirs } from './sync/compare.ts';
import { resyncMeasures } from './sync/resync.ts';
import { sourceTree } from './sync/sourceTree.ts';

const roundTrip = { rttMs: 30 };
const line = { ...roundTrip, bitsPerSecond: 20_000_000 };
const bytes = 20_000_000;

const scratch = await mkdtemp(join(scratchParent(), 'airlock-bench-'));
// The computers of the double, and what the published client writes, lie there, too: where the superuser runs this, its
// computers run as another user, who must get there.
await chmod(scratch, 0o755);
process.env['TMPDIR'] = scratch;
console.error(`In ${scratch}.`);

async function treeOf(files: number): Promise<string> {
  const folder = join(scratch, `source${files}`);
  await sourceTree(folder, { files, bytes });
  return folder;
}

async function at<T>(
  options: CelestoDoubleOptions,
  work: (double: Awaited<ReturnType<typeof startCelestoDouble>>) => Promise<T>,
): Promise<T> {
  const double = await startCelestoDouble({ execLimit: 'off', ...options });
  try {
    return await work(double);
  } finally {
    await double.close();
  }
}

/** Both sides with one tree at one double. */
async function compared(options: CelestoDoubleOptions, files: number, judged: boolean): Promise<Measure[]> {
  const source = await treeOf(files);
  const { ours, theirs } = await at(options, async (double) => ({
    theirs: await measureTheirs(double, source, files, scratch),
    ours: await measureOurs(double, source, files, scratch),
  }));
  await rm(source, { recursive: true });
  console.error(`${files} files${judged ? '' : ' without a limit of the line'}: done`);
  const [info, line] = judged ? ['', ''] : ['info.', '.uncapped'];
  const row = (name: string, unit: string, of: (side: typeof theirs) => number, limit?: number): Measure => ({
    name: `${name}${line}`,
    ours: of(ours),
    theirs: of(theirs),
    unit,
    ...(limit === undefined ? {} : { limit }),
  });
  const pull = `pull5of${files}`;
  const isPullJudged = judged && files === 10_000;
  return [
    row(`${info}sync.hydrate.${files}`, 'ms', ({ hydrate }) => hydrate.ms, judged ? 15 : undefined),
    row(`info.hydrate.${files}.requests`, '', ({ hydrate }) => hydrate.cost.requests),
    row(`info.hydrate.${files}.bytes`, 'B', ({ hydrate }) => hydrate.cost.bytes),
    { name: `info.hydrate.${files}.listing${line}`, ours: ours.listing, unit: 'ms' },
    { name: `info.hydrate.${files}.git-and-first-listing${line}`, ours: ours.preparing, unit: 'ms' },
    row(`${isPullJudged ? '' : 'info.'}sync.${pull}`, 'ms', (side) => side.pull.ms, isPullJudged ? 50 : undefined),
    row(`info.${pull}.requests`, '', (side) => side.pull.cost.requests),
    row(`info.${pull}.bytes`, 'B', (side) => side.pull.cost.bytes),
  ];
}

try {
  report([
    ...(await compared(line, 2000, true)),
    ...(await compared(line, 10_000, true)),
    ...(await compared(roundTrip, 2000, false)),
    ...(await compared(roundTrip, 10_000, false)),
    ...(await at(line, (double) => commandMeasures(double, scratch, 'command'))),
    ...(await at({ ...line, stream: false }, (double) => commandMeasures(double, scratch, 'command.over-terminal'))),
    ...(await at(line, (double) => resyncMeasures(double, scratch))),
  ]);
} finally {
  await rm(scratch, { recursive: true, force: true });
}
