// @ts-check
import { mkdir, writeFile } from 'node:fs/promises';
import { repository } from './places.mjs';
import { runShown } from './shown.mjs';

/** Install scripts never run: everything used here works as it is published, and nothing fetched gets to run by itself. */
const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];

/**
 * Runs npm with its output shown.
 *
 * @param {readonly string[]} args
 * @param {string} [cwd]
 * @returns {Promise<void>}
 * @throws {Error} when npm ends with anything but 0
 */
export async function npm(args, cwd = repository) {
  const code = await runShown('npm', [...args, ...quiet], { cwd });
  if (code !== 0) throw new Error(`npm ${args.join(' ')} failed (${code}). Is the package registry reachable?`);
}

/**
 * Installs packages into a folder of their own, apart from the project's dependencies.
 *
 * @param {string} folder made when absent
 * @param {readonly string[]} packages each with its exact version
 */
export async function installApart(folder, packages) {
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/package.json`, '{ "private": true }\n');
  await npm(['install', '--no-package-lock', ...packages], folder);
}
