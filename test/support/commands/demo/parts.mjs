// @ts-check
import { carriedChromium, desktopEditor, editorServer } from '../fetched.mjs';
import { runsEditor, runsTypeScript } from '../runtime.mjs';
import { debian, findBrowser, hasDisplay } from '../system.mjs';

/** @import { Machine } from './machine.mjs' */

/**
 * Something that the demo still has to fetch.
 *
 * @typedef {object} Part
 * @property {string} name
 * @property {number} megabytes on disk
 * @property {'npm' | 'apt' | 'optional'} from `optional` is tried, and done without where it cannot be had
 */

/**
 * What this run of the demo would fetch on a machine: nothing that it does not use, and nothing that is there.
 *
 * @param {Machine} machine
 * @param {boolean} headless
 * @returns {Part[]}
 */
export function missingParts(machine, headless) {
  const dependencies = /** @type {Part} */ ({ name: "the project's dependencies", megabytes: 330, from: 'npm' });
  return [
    ...(machine.here.dependencies ? [] : [dependencies]),
    ...programs(machine),
    ...node(machine, headless),
    ...editor(machine, headless),
    ...browser(machine, headless),
  ];
}

/** VS Code as a server is what is opened, or what is fallen back on. @param {Machine} machine @param {boolean} headless */
function usesServer({ env, here, platform }, headless) {
  if (headless) return true;
  if (env['AIRLOCK_VSCODE'] !== undefined) return false;
  return !hasDisplay(platform, env) || !here.desktopEditor;
}

/** @param {Machine} machine @param {boolean} headless @returns {Part[]} */
function node(machine, headless) {
  const isNeeded = !runsTypeScript(machine.node) || (usesServer(machine, headless) && !runsEditor(machine.node));
  return isNeeded && !machine.here.node24 ? [{ name: 'Node 24', megabytes: 190, from: 'npm' }] : [];
}

/** @param {Machine} machine @param {boolean} headless @returns {Part[]} */
function editor(machine, headless) {
  if (!usesServer(machine, headless)) return [];
  const { env, here, platform } = machine;
  const triesDesktop = !headless && hasDisplay(platform, env);
  if (here.editorServer) {
    return triesDesktop
      ? [{ name: 'VS Code itself, where it can be had', megabytes: desktopEditor.megabytes, from: 'optional' }]
      : [];
  }
  const name = triesDesktop ? 'VS Code' : 'VS Code as a server';
  const megabytes = triesDesktop ? desktopEditor.megabytes : editorServer.megabytes;
  return [{ name, megabytes, from: 'npm' }];
}

/** @param {Machine} machine @param {boolean} headless @returns {Part[]} */
function browser({ platform, env, find, hasApt, here }, headless) {
  if (!headless || env['AIRLOCK_CHROMIUM'] !== undefined || findBrowser(find, platform) !== undefined) return [];
  if (hasApt) return [{ name: 'Chromium', megabytes: debian['chromium']?.megabytes ?? 0, from: 'apt' }];
  return here.carriedChromium ? [] : [{ name: 'Chromium', megabytes: carriedChromium.megabytes, from: 'npm' }];
}

/** @param {Machine} machine @returns {Part[]} */
function programs({ find, hasApt }) {
  const missing = hasApt ? ['bwrap', 'git'].filter((name) => find(name) === undefined) : [];
  return missing.map((name) => ({ name, megabytes: debian[name]?.megabytes ?? 0, from: 'apt' }));
}
