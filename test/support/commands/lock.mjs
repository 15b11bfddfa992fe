// @ts-check
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { cache } from './places.mjs';

/**
 * Runs `work` while no other process of this machine holds the lock of that name, so that two commands started together
 * do not install into one folder. A lock whose holder is gone is taken over.
 *
 * @template T
 * @param {string} name what is locked; becomes a file name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(name, work) {
  const path = `${cache}/locks/${name}`;
  await mkdir(`${cache}/locks`, { recursive: true });
  while (!(await tryTake(path))) await wait(250);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

/** @param {string} path */
async function tryTake(path) {
  try {
    await writeFile(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    const holder = Number(await readFile(path, 'utf8').catch(() => '0'));
    if (holder > 0 && !isRunning(holder)) await rm(path, { force: true });
    return false;
  }
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
