import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { type CelestoDouble, type CelestoDoubleOptions, startCelestoDouble } from '../../support/celesto/double.ts';
import type { Knobs } from '../../support/celesto/knobs.ts';
import { type ClientName, OfficialClient } from '../../support/celesto/officialClient.ts';
import { leftRunning } from '../../support/process/leftRunning.ts';
import { onlyOnLinux, skipBecause } from '../../support/commands/results.ts';

/** What the tests of a suite work with. */
export interface Judged {
  readonly double: CelestoDouble;
  readonly client: OfficialClient;
}

/** A double for one suite. Call it in a `before` hook; skips the suite where this machine cannot run its computers. */
export async function doubleFor(context: Mocha.Context, options: CelestoDoubleOptions = {}): Promise<CelestoDouble> {
  onlyOnLinux(context);
  return await startCelestoDouble(options).catch((error: unknown) =>
    skipBecause(context, error instanceof Error ? error.message : String(error)),
  );
}

/** Ends a double and asserts that nothing of it is left. */
export async function endDouble(double: CelestoDouble | undefined): Promise<void> {
  if (double === undefined) return;
  const { folder } = double;
  assert.equal(existsSync(folder), true);
  await double.close();
  assert.deepEqual([double.computers(), existsSync(folder), leftRunning(folder)], [[], false, []]);
}

/** A suite in which one published client works on one double. */
export function describeClient(
  title: string,
  name: ClientName,
  options: CelestoDoubleOptions,
  tests: (judged: () => Judged) => void,
): void {
  describe(title, function () {
    this.timeout(240_000);
    let double: CelestoDouble | undefined;
    let client: OfficialClient | undefined;
    before(async function () {
      // The first time, packages are installed.
      this.timeout(600_000);
      double = await doubleFor(this, options);
      client = await OfficialClient.start(this, name, double);
    });
    after(async () => {
      await client?.close();
      await endDouble(double);
    });
    tests(() => {
      if (double === undefined || client === undefined) throw new Error('There is no double.');
      return { double, client };
    });
  });
}

/** The same suite twice: with the published limit of a command's length, and without. */
export function describeUnderBothLimits(
  title: string,
  name: ClientName,
  tests: (judged: () => Judged, limit: Knobs['execLimit']) => void,
): void {
  for (const execLimit of ['strict', 'off'] as const) {
    describeClient(`${title} (limit ${execLimit})`, name, { execLimit }, (judged) => tests(judged, execLimit));
  }
}

/** The requests that reached a double while something was done, as `METHOD /path` with ids left out. */
export async function requestsOf(double: CelestoDouble, work: () => Promise<unknown>): Promise<string[]> {
  const before = double.requests.length;
  await work();
  return double.requests
    .slice(before)
    .map(({ method, url }) => `${method} ${url.replace(/cmp_[0-9a-f]+/, ':id').replace(/term_[0-9a-f]+.*/, ':term')}`);
}
