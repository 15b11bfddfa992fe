import { appendFileSync, readdirSync } from 'node:fs';
import { format } from 'node:util';
import Mocha from 'mocha';
import ResultsReporter from '../support/commands/results.ts';
import { grepVariable, outputVariable } from '../support/vscode/host-variables.ts';

/** Called by the extension host: runs the test bundles that lie beside this one. */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', color: false, timeout: 180_000, reporter: ResultsReporter, forbidOnly: true });
  const output = process.env[outputVariable];
  // The window's console is full of the editor's own words; the report goes its own way.
  if (output !== undefined) {
    Mocha.reporters.Base.consoleLog = (...args: unknown[]) => appendFileSync(output, `${format(...args)}\n`);
  }
  const grep = process.env[grepVariable];
  if (grep !== undefined) mocha.grep(grep);
  const tests = readdirSync(__dirname).filter((name) => name.endsWith('.test.cjs'));
  for (const name of tests.sort()) mocha.addFile(`${__dirname}/${name}`);
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  if (failures > 0) throw new Error(`${failures} failed`);
}
