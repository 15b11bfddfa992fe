// @ts-check
import { readFile } from 'node:fs/promises';
import { withLock } from './lock.mjs';
import { npm } from './npm.mjs';
import { repository } from './places.mjs';

/** @typedef {{ version?: string, optional?: boolean, devOptional?: boolean }} Locked */

/** Installs the project's dependencies when what is installed differs from package-lock.json. */
export async function ensureDependencies() {
  if (await installedAsLocked()) return;
  await withLock('dependencies', async () => {
    if (await installedAsLocked()) return;
    console.log('Installing dependencies from package-lock.json (about 60 MB to fetch, 330 MB on disk) ...');
    await npm(['ci']);
  });
}

/** Whether nothing has to be installed. npm writes the hidden lock file last, so an interrupted install never looks complete. */
export async function installedAsLocked() {
  const wanted = await readPackages(`${repository}/package-lock.json`);
  const present = await readPackages(`${repository}/node_modules/.package-lock.json`);
  return Object.entries(wanted).every(
    ([path, { version, optional, devOptional }]) =>
      path === '' || optional === true || devOptional === true || present[path]?.version === version,
  );
}

/**
 * @param {string} path
 * @returns {Promise<Record<string, Locked>>}
 */
async function readPackages(path) {
  try {
    return JSON.parse(await readFile(path, 'utf8')).packages;
  } catch {
    return {};
  }
}
