// npm run bench -- NAME [--json]: runs test/bench/NAME.bench.ts; without a name, lists them.
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { repository } from './places.mjs';

const [name, ...rest] = process.argv.slice(2);
const names = globSync('test/bench/*.bench.ts', { cwd: repository }).map((path) => basename(path, '.bench.ts'));
if (name === undefined || !names.includes(name)) {
  if (name !== undefined) console.error(`No such bench: ${name}.`);
  console.log(['Benches (npm run bench -- NAME [--json]):', ...names.sort().map((one) => `  ${one}`)].join('\n'));
  process.exitCode = name === undefined ? 0 : 2;
} else {
  const run = spawnSync(process.execPath, ['--expose-gc', `${repository}/test/bench/${name}.bench.ts`, ...rest], {
    cwd: repository,
    stdio: 'inherit',
  });
  process.exitCode = run.status ?? 1;
}
