// Bundles test/integration and runs it in a real extension host on the built extension: [--grep PATTERN].
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { globSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { runInExtensionHost } from '../vscode/extension-host.ts';
import { grepVariable, outputVariable } from '../vscode/host-variables.ts';
import { cache, repository } from './places.mjs';
import { resultsVariable } from './results.ts';

const { values } = parseArgs({ options: { grep: { type: 'string', short: 'g' } } });
const bundles = `${cache}/integration`;
await rm(bundles, { recursive: true, force: true });
await build({
  absWorkingDir: repository,
  entryPoints: globSync('test/integration/{index,**/*.test}.ts', { cwd: repository }).map((path) => ({
    in: path,
    out: basename(path, '.ts'),
  })),
  outdir: bundles,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node22',
  external: ['vscode', 'mocha'],
  sourcemap: 'inline',
  logLevel: 'warning',
});

const folder = await mkdtemp(`${tmpdir()}/airlock-integration-`);
const output = `${folder}/output.txt`;
try {
  await cp(`${repository}/test/fixtures/hello-project`, `${folder}/hello-project`, { recursive: true });
  const { code, log } = await runInExtensionHost({
    workspace: `${folder}/hello-project`,
    testsPath: `${bundles}/index.cjs`,
    extension: { folder: repository },
    env: {
      [outputVariable]: output,
      [resultsVariable]: process.env[resultsVariable] ?? `${folder}/results.json`,
      ...(values.grep === undefined ? {} : { [grepVariable]: values.grep }),
    },
  });
  console.log(await readFile(output, 'utf8').catch(() => log));
  process.exitCode = code;
} finally {
  await rm(folder, { recursive: true, force: true });
}
