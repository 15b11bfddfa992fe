// @ts-check
import { spawn } from 'node:child_process';

const passedOn = /** @type {const} */ (['SIGTERM', 'SIGHUP']);

/**
 * Runs a program with its output shown, so that a long download can be watched. A request to end is handed on to it:
 * Ctrl-C reaches it by itself.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, quiet?: boolean }} [options] `quiet` shows only what goes wrong
 * @returns {Promise<number>} its exit code; 1 where a signal ended it
 */
export async function runShown(program, args, { quiet = false, ...options } = {}) {
  const child = spawn(program, args, { ...options, stdio: ['ignore', quiet ? 'ignore' : 'inherit', 'inherit'] });
  /** @param {NodeJS.Signals} signal */
  const handOn = (signal) => child.kill(signal);
  for (const signal of passedOn) process.on(signal, handOn);
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code ?? 1));
    });
  } finally {
    for (const signal of passedOn) process.off(signal, handOn);
  }
}
