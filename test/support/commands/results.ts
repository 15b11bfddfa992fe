import { writeFileSync } from 'node:fs';
import { inspect } from 'node:util';
import Mocha from 'mocha';

/** What a layer of tests came to. */
export interface Results {
  readonly passed: number;
  readonly failed: number;
  /** One line per skipped test: its title and the reason. */
  readonly skipped: readonly string[];
  /** One text per failed test: its title and what it said. The end of the run prints them, where a log is read first. */
  readonly failures: readonly string[];
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

/** Lines of an error that tell enough of it; a difference of two large values goes on for pages. */
const linesOfError = 30;

function described(test: Mocha.Runnable, error: unknown): string {
  const said = error instanceof Error ? (error.stack ?? String(error)) : inspect(error);
  return [test.fullTitle(), ...said.split('\n').slice(0, linesOfError)].join('\n    ');
}

/** Mocha's usual text, and the counts in a file for the command that started it. */
export default class ResultsReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    const skipped: string[] = [];
    const failed: string[] = [];
    runner.on('pending', (test) => skipped.push(`${test.fullTitle()}: ${reasonOf(test)}`));
    runner.on('fail', (test, error: unknown) => failed.push(described(test, error)));
    runner.once('end', () => {
      const path = process.env[resultsVariable];
      if (path === undefined) return;
      const { passes = 0, failures = 0 } = runner.stats ?? {};
      const results: Results = { passed: passes, failed: failures, skipped, failures: failed };
      writeFileSync(path, JSON.stringify(results));
    });
  }
}
