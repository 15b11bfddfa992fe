// @ts-check
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { installedAsLocked } from '../dependencies.mjs';
import { carriedChromium, isDesktopEditorHere, isEditorServerHere } from '../fetched.mjs';
import { repository } from '../places.mjs';
import { fetchedNode24 } from '../runtime.mjs';
import { findProgram, isDebianRoot } from '../system.mjs';

/**
 * What the demo asks of a machine before anything is downloaded.
 *
 * @typedef {object} Machine
 * @property {NodeJS.Platform} platform
 * @property {string} arch
 * @property {string} node version of the Node that runs this
 * @property {NodeJS.ProcessEnv} env
 * @property {boolean} hasApt apt can install what is missing
 * @property {(name: string) => string | undefined} find a program by PATH
 * @property {(path: string) => boolean} exists
 * @property {(path: string) => string} read a file's text, trimmed; empty where it cannot be read
 * @property {(bwrap: string) => { status: number | null, stderr: string }} tryBubblewrap
 * @property {Record<'dependencies' | 'node24' | 'editorServer' | 'desktopEditor' | 'carriedChromium', boolean>} here
 * @property {number} freeMegabytes on the disk of the repository
 * @property {() => boolean} npmAnswers whether npm's registry does
 */

/** @returns {Promise<Machine>} */
export async function thisMachine() {
  const node24 = fetchedNode24();
  const { bavail, bsize } = statfsSync(repository);
  return {
    platform: process.platform,
    arch: process.arch,
    node: process.versions.node,
    env: process.env,
    hasApt: isDebianRoot(),
    find: findProgram,
    exists: existsSync,
    read,
    tryBubblewrap,
    here: {
      dependencies: await installedAsLocked(),
      node24: node24 !== undefined && existsSync(node24),
      editorServer: isEditorServerHere(),
      desktopEditor: isDesktopEditorHere(),
      carriedChromium: existsSync(carriedChromium.module),
    },
    freeMegabytes: Math.floor((bavail * bsize) / 1e6),
    npmAnswers,
  };
}

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

/** @param {string} bwrap */
function tryBubblewrap(bwrap) {
  const args = ['--unshare-all', '--ro-bind', '/', '/', '--proc', '/proc', '--dev', '/dev', '/bin/true'];
  return spawnSync(bwrap, args, { encoding: 'utf8', timeout: 10_000 });
}

/** Asks for one version of one package; an answer from npm's cache does not count. */
function npmAnswers() {
  const options = ['--prefer-online', '--fetch-retries=0', '--loglevel=error'];
  const asked = spawnSync('npm', ['view', 'esbuild@0.28.2', 'version', ...options], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  return asked.status === 0;
}
