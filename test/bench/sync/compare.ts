import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CelestoDouble } from '../../support/celesto/double.ts';
import { median } from '../report.ts';
import { Ours } from './ours.ts';
import { costOf, rawExec, type Cost } from './raw.ts';
import { TheirSide } from './theirs.ts';

/** After so many milliseconds in which nothing ran inside, the files' tags are believed; see `WorkspaceSync.touched`. */
export const settledMs = 3500;
const changedFiles = 5;
const hydrates = 3;
const pulls = 7;

/** What was measured of one thing, in milliseconds and on the wire. */
export interface Compared {
  readonly ms: number;
  readonly cost: Cost;
}

/** One side's hydrate of a folder, and its pulls of five changed files. */
export interface SideOfSync {
  readonly hydrate: Compared;
  readonly pull: Compared;
}

/** Ours: each hydrate into a new computer from a new session, and the middle one. `listing` and `preparing` are not in it. */
export async function measureOurs(
  double: CelestoDouble,
  source: string,
  files: number,
  scratch: string,
): Promise<SideOfSync & { readonly listing: number; readonly preparing: number }> {
  const all: { listing: number; copying: number; preparing: number; cost: Cost; pull: Compared }[] = [];
  for (let round = 0; round < hydrates; round += 1) {
    const side = await Ours.open(double, source, join(scratch, crypto.randomUUID()));
    try {
      const { result, cost } = await costOf(double, () => side.hydrate());
      await mustHold(double, side.computer, files);
      await sleep(settledMs);
      await side.touched();
      all.push({ ...result, cost, pull: await ourPulls(double, side, files) });
    } finally {
      await side.close();
    }
  }
  const middle = (of: (one: (typeof all)[number]) => number) => median(all.map(of));
  const cost = costs(all.map((one) => one.cost));
  return {
    hydrate: { ms: middle(({ copying }) => copying), cost },
    pull: { ms: middle(({ pull }) => pull.ms), cost: costs(all.map(({ pull }) => pull.cost)) },
    listing: middle(({ listing }) => listing),
    preparing: middle(({ preparing }) => preparing),
  };
}

async function ourPulls(double: CelestoDouble, side: Ours, files: number): Promise<Compared> {
  const times: number[] = [];
  const wire: Cost[] = [];
  for (let round = 1; round <= pulls; round += 1) {
    await change(double, side.computer, files, round);
    const { result, cost } = await costOf(double, () => side.pull());
    const expected = round * changedFiles;
    if (result.differ !== expected) throw new Error(`${result.differ} files differ where ${expected} do.`);
    times.push(result.ms);
    wire.push(cost);
  }
  return { ms: median(times), cost: costs(wire) };
}

/** Theirs: one hydrate, as each takes a minute, and one pull of all files. */
export async function measureTheirs(
  double: CelestoDouble,
  source: string,
  files: number,
  scratch: string,
): Promise<SideOfSync> {
  const side = await TheirSide.open(double, source, scratch);
  try {
    const hydrate = await costOf(double, () => side.hydrate());
    await mustHold(double, side.computer, files);
    await change(double, side.computer, files, 1);
    const pull = await costOf(double, () => side.persist());
    return { hydrate: { ms: hydrate.result, cost: hydrate.cost }, pull: { ms: pull.result, cost: pull.cost } };
  } finally {
    await side.close();
  }
}

const listed = 'cd /workspace && find . -name .git -prune -o -type f -print';

async function mustHold(double: CelestoDouble, computer: string, files: number): Promise<void> {
  const found = Number(await rawExec(double, computer, `${listed} | wc -l`));
  if (found !== files) throw new Error(`${found} files are inside where ${files} were sent.`);
}

/** Five other files in each round, all over the tree. */
async function change(double: CelestoDouble, computer: string, files: number, round: number): Promise<void> {
  const each = Math.floor(files / changedFiles);
  const picked = `${listed} | LC_ALL=C sort | awk 'NR % ${each} == ${round}'`;
  await rawExec(double, computer, `${picked} | while IFS= read -r file; do echo '// changed' >>"$file"; done`);
}

function costs(all: readonly Cost[]): Cost {
  return { requests: median(all.map(({ requests }) => requests)), bytes: median(all.map(({ bytes }) => bytes)) };
}
