// The demo itself, on Node 22 or newer: builds and packages the extension, starts a model where none is given, and opens
// the editor for a person, or walks through the story without one.
import { spawnSync } from 'node:child_process';
import { repository } from '../places.mjs';
import { prepare } from '../prepare.ts';
import { walkAlone } from './headless.ts';
import { chooseModel } from './model.ts';
import { serve } from './interactive.ts';

/** Runs one of the project's own commands on this runtime. */
function make(script: string): void {
  const ran = spawnSync(process.execPath, [`${repository}/${script}`], {
    cwd: repository,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (ran.status !== 0) throw new Error(`${script} failed.`);
}

const headless = process.argv.includes('--headless');
await prepare(new Set(['demo']));
console.log('Building and packaging the extension ...');
make('esbuild.config.js');
make('test/support/commands/package.ts');
const model = await chooseModel();
try {
  console.log(`Model: ${model.title}`);
  process.exitCode = headless ? await walkAlone(model) : await serve(model);
} finally {
  await model.close();
}
