// @ts-check
// What the demo needs of a machine, found out before anything is downloaded, with Node's own modules only.
import { repository } from '../places.mjs';
import { findBrowser, fixFor, hasDisplay } from '../system.mjs';
import { missingParts } from './parts.mjs';
import { sandbox } from './sandboxProbe.mjs';

/** @import { Machine } from './machine.mjs' */
/** @typedef {{ name: string, ok: boolean, says: string, fix?: string }} Probe */

/** Room for what is built, for the sandbox and for the editor's own data. */
const spareMegabytes = 500;

/**
 * Looks at everything, also after the first that is wrong.
 *
 * @param {Machine} machine
 * @param {boolean} headless
 * @returns {Probe[]}
 */
export function probe(machine, headless) {
  const display = headless ? browser(machine) : screen(machine);
  return [sandbox(machine), git(machine), display, disk(machine, headless), network(machine, headless)];
}

/** @param {Machine} machine @returns {Probe} */
function git({ find, hasApt }) {
  const isThere = find('git') !== undefined;
  const says = isThere ? 'here' : hasApt ? 'will be installed by apt' : 'missing';
  return { name: 'git', ok: isThere || hasApt, says, fix: fixFor('git', find) };
}

/**
 * A person's window needs nothing here: without a screen the editor is served at an address.
 *
 * @param {Machine} machine
 * @returns {Probe}
 */
function screen({ platform, env, exists }) {
  const named = env['AIRLOCK_VSCODE'];
  if (named !== undefined && !exists(named)) return wrongName('AIRLOCK_VSCODE', named);
  const shown = named !== undefined || hasDisplay(platform, env);
  return {
    name: 'display',
    ok: true,
    says: shown ? 'a desktop' : 'none: the editor opens in your own browser, at an address',
  };
}

/**
 * A walk without a person needs a browser.
 *
 * @param {Machine} machine
 * @returns {Probe}
 */
function browser({ platform, arch, env, exists, find, hasApt }) {
  const name = 'display';
  const named = env['AIRLOCK_CHROMIUM'];
  if (named !== undefined && !exists(named)) return wrongName('AIRLOCK_CHROMIUM', named);
  const found = named ?? findBrowser(find, platform);
  if (found !== undefined) return { name, ok: true, says: `none; a browser without a window: ${found}` };
  if (hasApt) return { name, ok: true, says: 'none; Chromium will be installed by apt' };
  const carried = platform === 'linux' && arch === 'x64' && libraryFolders.some((it) => exists(`${it}/libnss3.so`));
  const says = carried ? "none; a browser without a window: npm's Chromium" : 'no browser';
  return { name, ok: carried, says, fix: fixFor('chromium', find) };
}

const libraryFolders = ['/usr/lib/x86_64-linux-gnu', '/usr/lib64', '/usr/lib', '/lib/x86_64-linux-gnu'];

/** @param {string} variable @param {string} named @returns {Probe} */
function wrongName(variable, named) {
  const says = `${variable} names ${named}, which is not there`;
  return { name: 'display', ok: false, says, fix: `unset ${variable}` };
}

/** @param {Machine} machine @param {boolean} headless @returns {Probe} */
function disk(machine, headless) {
  const free = machine.freeMegabytes;
  const wanted = sizeOf(missingParts(machine, headless)) + spareMegabytes;
  const fix = `Free ${wanted - free} MB on the disk of ${repository}.`;
  return { name: 'disk', ok: free >= wanted, says: `${free} MB free, ${wanted} MB needed`, fix };
}

/** @param {Machine} machine @param {boolean} headless @returns {Probe} */
function network(machine, headless) {
  const name = 'network';
  const parts = missingParts(machine, headless);
  if (parts.length === 0) return { name, ok: true, says: 'not needed: everything is here' };
  const list = parts.map(nameWithSize).join(', ');
  const isNpmNeeded = parts.some(({ from }) => from === 'npm');
  if (!isNpmNeeded) return { name, ok: true, says: `will be fetched: ${list}` };
  const ok = machine.npmAnswers();
  const says = ok ? `npm's registry answers; will be fetched: ${list}` : "npm's registry does not answer";
  const fix =
    'Check the network, or tell npm the way: npm config set proxy http://..., npm config set registry https://...';
  return { name, ok, says, fix };
}

/** @param {import('./parts.mjs').Part} part */
function nameWithSize({ name, megabytes }) {
  return `${name} (${megabytes} MB on disk)`;
}

/** @param {readonly import('./parts.mjs').Part[]} parts */
function sizeOf(parts) {
  return parts.reduce((sum, { megabytes }) => sum + megabytes, 0);
}
