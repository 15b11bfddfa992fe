import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { z } from 'zod';
import { besideEachOther, node, type RunNode } from './beside.ts';
import { repository } from './places.mjs';
import { resultsVariable, type Results } from './results.ts';

/** One step of the whole test run. */
export interface Layer {
  readonly name: string;
  readonly run: (mochaArgs: readonly string[]) => Promise<Results>;
}

const resultsSchema = z.object({
  passed: z.number(),
  failed: z.number(),
  skipped: z.array(z.string()),
  failures: z.array(z.string()),
});

const nothing: Results = { passed: 0, failed: 0, skipped: [], failures: [] };

function failure(said: string): Results {
  return { ...nothing, failed: 1, failures: [said] };
}

/** A step that is right or wrong as a whole: counts as one test. */
function check(name: string, ...commands: readonly (readonly [script: string, ...args: string[]])[]): Layer {
  const run = async (): Promise<Results> => {
    let right = true;
    for (const command of commands) right = (await node(command)) === 0 && right;
    return right ? { ...nothing, passed: 1 } : failure(`${name}: see above`);
  };
  return { name, run };
}

/** Test files in one mocha process; those of them that are named last in another one, beside it. */
function tests(name: string, patterns: readonly string[], apart: readonly string[] = []): Layer {
  const run = async (mochaArgs: readonly string[]): Promise<Results> => {
    const second = filesOf(apart);
    const first = filesOf(patterns).filter((file) => !second.includes(file));
    const colours = process.stdout.isTTY ? ['--color'] : [];
    const both = await besideEachOther(
      (node) => mocha(node, [...mochaArgs, ...first], first.length),
      (node) => mocha(node, [...colours, ...mochaArgs, ...second], second.length),
    );
    return both.reduce(together);
  };
  return { name, run };
}

function filesOf(patterns: readonly string[]): readonly string[] {
  return patterns.flatMap((pattern) => globSync(pattern, { cwd: repository })).sort();
}

function together(one: Results, other: Results): Results {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: [...one.skipped, ...other.skipped],
    failures: [...one.failures, ...other.failures],
  };
}

async function mocha(node: RunNode, args: readonly string[], files: number): Promise<Results> {
  if (files === 0) return nothing;
  return await withResults((env) => node(['node_modules/mocha/bin/mocha.js', ...args], env));
}

/** Runs `start` with a file for its results; no readable results, or a bad end without a failed test, is one failure. */
async function withResults(start: (env: NodeJS.ProcessEnv) => Promise<number>): Promise<Results> {
  const folder = mkdtempSync(`${tmpdir()}/airlock-results-`);
  try {
    const path = `${folder}/results.json`;
    const code = await start({ ...process.env, [resultsVariable]: path });
    const results = resultsSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    const badEnd = code !== 0 && results.failed === 0;
    return badEnd ? together(results, failure(`ended with code ${code}, without a failed test`)) : results;
  } catch (error) {
    return failure(`no results: ${String(error)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What starts virtual machines: they are waited for more than they compute, and only they share the one rig. */
const virtualMachines = ['test/conformance/**/smolvm.test.ts', 'test/conformance/smolvm/*.test.ts'];

const tsc = 'node_modules/typescript/bin/tsc';

/** Everything that `npm test` runs, in its order. */
export const layers: readonly Layer[] = [
  check('typecheck', [tsc, '-p', '.'], [tsc, '-p', 'src/webview']),
  check('lint', ['node_modules/eslint/bin/eslint.js', '.']),
  check('format', ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.']),
  check('build', ['esbuild.config.js']),
  tests('architecture', ['test/architecture.test.ts']),
  tests('unit', ['test/unit/**/*.test.ts']),
  tests('conformance', ['test/conformance/**/*.test.ts'], virtualMachines),
  check('package', ['test/support/commands/package.ts']),
  {
    name: 'integration',
    run: (args) => withResults((env) => node(['test/support/commands/integration.ts', ...args], env)),
  },
  tests('e2e', ['test/e2e/support/platform.ts', 'test/e2e/**/*.e2e.ts']),
];

/** What takes too long for `npm test`: every kind of fault, every point of a kill. Runs only when it is named. */
export const soak: Layer = tests('soak', ['test/**/*.soak.ts']);

/** What must have run before a layer that is asked for alone. */
export const needs: Readonly<Record<string, readonly string[]>> = {
  unit: ['build'],
  conformance: ['build'],
  integration: ['build'],
  e2e: ['package'],
  soak: ['package'],
};
