// @ts-check
// Starts one of the project's commands on a machine that has only Node 20.19 or newer and npm:
//   node test/support/commands/bootstrap.mjs <script.ts|script.mjs|script.js> [arguments]
// Uses Node's own modules only, because it runs before anything is installed.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { refusal } from './requirements.mjs';

/** @param {string} sentence */
function refuse(sentence) {
  console.error(sentence);
  process.exit(2);
}

const unfit = refusal(process.platform, process.versions.node);
if (unfit !== undefined) refuse(unfit);
const [script, ...rest] = process.argv.slice(2);
if (script === undefined) refuse('Usage: node test/support/commands/bootstrap.mjs <script> [arguments]');

try {
  // Only now: an older Node could not even read them.
  const { ensureDependencies } = await import('./dependencies.mjs');
  const { ensureRuntime } = await import('./runtime.mjs');
  await ensureDependencies();
  const runtime = await ensureRuntime();
  const child = spawn(runtime, [/** @type {string} */ (script), ...rest], { stdio: 'inherit' });
  // Ctrl-C reaches the whole terminal group; a lone request to end is handed on. Either way the child decides when to end.
  process.on('SIGINT', () => {});
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) process.on(signal, () => child.kill(signal));
  child.once('error', (error) => refuse(error.message));
  child.once('close', (code, signal) => {
    process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  });
} catch (error) {
  refuse(error instanceof Error ? error.message : String(error));
}
