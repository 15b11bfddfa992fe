// @ts-check
// Starts one of the project's commands on a machine that has only Node 20.19 or newer and npm:
//   node test/support/commands/bootstrap.mjs <script.ts|script.mjs|script.js> [arguments]
// Uses Node's own modules only, because it runs before anything is installed.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { ensureDependencies } from './dependencies.mjs';
import { ensureRuntime } from './runtime.mjs';

/** @param {string} sentence */
function refuse(sentence) {
  console.error(sentence);
  process.exit(2);
}

if (process.platform === 'win32') refuse("Airlock's commands need Linux or macOS: on Windows, run them inside WSL2.");
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) refuse(`Node 20.19 or newer is needed; this is ${process.version}.`);
const [script, ...rest] = process.argv.slice(2);
if (script === undefined) refuse('Usage: node test/support/commands/bootstrap.mjs <script> [arguments]');

try {
  await ensureDependencies();
  const runtime = await ensureRuntime();
  const child = spawn(runtime, [/** @type {string} */ (script), ...rest], { stdio: 'inherit' });
  // Ctrl-C reaches the whole terminal group; a lone signal to this process is handed on. Either way the child decides when to end.
  process.on('SIGINT', () => {});
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) process.on(signal, () => child.kill(signal));
  child.once('error', (error) => refuse(error.message));
  child.once('close', (code, signal) => {
    process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  });
} catch (error) {
  refuse(error instanceof Error ? error.message : String(error));
}
