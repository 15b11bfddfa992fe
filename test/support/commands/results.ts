import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

/** What a layer of tests came to. */
export interface Results {
  readonly passed: number;
  readonly failed: number;
  /** One line per skipped test: its title and the reason. */
  readonly skipped: readonly string[];
}

/** Names the file that the reporter writes its results to, as JSON. */
export const resultsVariable = 'AIRLOCK_TEST_RESULTS';

/** Kept on mocha's own objects, because in the extension host every test file is a bundle with its own copy of this module. */
const reasonKey = 'airlockSkipReason';

/**
 * Skips the running test, or, in a `before` hook, all tests of its suite, with the named probe's reason, which the end
 * of the run prints.
 */
export function skipBecause(context: Mocha.Context, reason: string): never {
  const running = context.test;
  const ofSuite = running?.title.startsWith('"before all"') === true;
  Object.assign((ofSuite ? running.parent : (context.currentTest ?? running)) ?? {}, { [reasonKey]: reason });
  return context.skip();
}

/** Skips, like {@link skipBecause}, what needs the kernel or the tools of Linux. */
export function onlyOnLinux(context: Mocha.Context): void {
  if (process.platform !== 'linux') skipBecause(context, 'not Linux');
}

function reasonOf(test: Mocha.Test): string {
  for (let node: Mocha.Test | Mocha.Suite | undefined = test; node !== undefined; node = node.parent) {
    const reason: unknown = Reflect.get(node, reasonKey);
    if (typeof reason === 'string') return reason;
  }
  return 'without a reason';
}

/** Mocha's usual text, and the counts in a file for the command that started it. */
export default class ResultsReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    const skipped: string[] = [];
    runner.on('pending', (test) => skipped.push(`${test.fullTitle()}: ${reasonOf(test)}`));
    runner.once('end', () => {
      const path = process.env[resultsVariable];
      if (path === undefined) return;
      const { passes = 0, failures = 0 } = runner.stats ?? {};
      const results: Results = { passed: passes, failed: failures, skipped };
      writeFileSync(path, JSON.stringify(results));
    });
  }
}
