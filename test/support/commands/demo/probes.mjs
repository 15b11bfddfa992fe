// @ts-check
// What the demo needs of a machine, found out before anything is downloaded, with Node's own modules only.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { cache, repository } from '../places.mjs';
import { findProgram, fixFor, isDebianRoot } from '../system.mjs';

/** @typedef {{ name: string, ok: boolean, says: string, fix?: string }} Probe */

const containerFix =
  'Start the container with --security-opt seccomp=unconfined --security-opt systempaths=unconfined.';

/** How bubblewrap says no, what that means, and what helps. */
const refusals = [
  {
    sign: /uid map: Permission denied|RTM_NEWADDR/,
    says: "AppArmor blocks bubblewrap's namespaces",
    fix: 'sudo apt-get install -y apparmor-profiles && sudo ln -s /usr/share/apparmor/extra-profiles/bwrap-userns-restrict /etc/apparmor.d/ && sudo systemctl reload apparmor',
  },
  {
    sign: /nesting depth|ENOSPC|No space left/,
    says: 'user namespaces are switched off',
    fix: 'sudo sysctl -w user.max_user_namespaces=15000',
  },
  { sign: /No permissions to create/, says: 'user namespaces are forbidden here', fix: namespaceFix },
  { sign: /mount proc|Failed to make \/ slave/, says: 'this container forbids sandboxes', fix: () => containerFix },
];

function namespaceFix() {
  const off = read('/proc/sys/kernel/unprivileged_userns_clone') === '0';
  return off ? 'sudo sysctl -w kernel.unprivileged_userns_clone=1' : containerFix;
}

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

/** @returns {Probe} */
function sandbox() {
  const name = 'sandbox';
  if (process.platform === 'darwin') {
    const ok = existsSync('/usr/bin/sandbox-exec');
    return {
      name,
      ok,
      says: ok ? 'Seatbelt (unproven)' : 'sandbox-exec is missing',
      fix: 'Use a macOS that has /usr/bin/sandbox-exec.',
    };
  }
  if (/microsoft/i.test(read('/proc/version')) && !/WSL2/i.test(read('/proc/version'))) {
    return {
      name,
      ok: false,
      says: 'WSL1 cannot run a sandbox',
      fix: 'In Windows: wsl --set-version <distribution> 2',
    };
  }
  const bwrap = findProgram('bwrap');
  if (bwrap === undefined) {
    return {
      name,
      ok: isDebianRoot(),
      says: isDebianRoot() ? 'bubblewrap will be installed by apt' : 'bubblewrap is missing',
      fix: fixFor('bwrap'),
    };
  }
  const tried = spawnSync(
    bwrap,
    ['--unshare-all', '--ro-bind', '/', '/', '--proc', '/proc', '--dev', '/dev', '/bin/true'],
    {
      encoding: 'utf8',
      timeout: 10_000,
    },
  );
  if (tried.status === 0) return { name, ok: true, says: 'bubblewrap' };
  const known = refusals.find(({ sign }) => sign.test(tried.stderr));
  const fix = typeof known?.fix === 'function' ? known.fix() : known?.fix;
  return {
    name,
    ok: false,
    says: known?.says ?? `bubblewrap fails: ${tried.stderr.trim()}`,
    fix: fix ?? 'See what bwrap --unshare-all --ro-bind / / true says.',
  };
}

/**
 * A person's window needs nothing here (without a display the editor is served at an address); a walk without a person
 * needs a browser.
 *
 * @param {boolean} headless
 * @returns {Probe}
 */
function display(headless) {
  const name = 'display';
  if (!headless) {
    const shown = process.platform === 'darwin' || Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
    return { name, ok: true, says: shown ? 'a desktop' : 'none: the editor opens in your own browser, at an address' };
  }
  const named = process.env['AIRLOCK_CHROMIUM'];
  if (named !== undefined && !existsSync(named)) {
    return {
      name,
      ok: false,
      says: `AIRLOCK_CHROMIUM names ${named}, which is not there`,
      fix: 'unset AIRLOCK_CHROMIUM',
    };
  }
  const browsers = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const found = named ?? browsers.map(findProgram).find((path) => path !== undefined);
  if (found !== undefined) return { name, ok: true, says: `none; a browser without a window: ${found}` };
  if (isDebianRoot()) return { name, ok: true, says: 'none; Chromium will be installed by apt' };
  const carried = process.platform === 'linux' && process.arch === 'x64' && hasLibrary('libnss3.so');
  return {
    name,
    ok: carried,
    says: carried ? "none; npm's Chromium will be fetched" : 'no browser',
    fix: fixFor('chromium'),
  };
}

/** @param {string} library */
function hasLibrary(library) {
  const folders = ['/usr/lib/x86_64-linux-gnu', '/usr/lib64', '/usr/lib', '/lib/x86_64-linux-gnu'];
  return folders.some((folder) => existsSync(`${folder}/${library}`));
}

/** What is fetched at most, in MB on disk, by what shows that it is already there. */
const parts = [
  { there: `${repository}/node_modules/.package-lock.json`, megabytes: 350 },
  { there: `${cache}/node`, megabytes: 190 },
  { there: `${cache}/code-server/installed`, megabytes: 430 },
];

function missingMegabytes() {
  return parts.filter(({ there }) => !existsSync(there)).reduce((sum, { megabytes }) => sum + megabytes, 0);
}

/** @returns {Probe} */
function disk() {
  const wanted = missingMegabytes() + 500;
  const { bavail, bsize } = statfsSync(repository);
  const free = Math.floor((bavail * bsize) / 1e6);
  const ok = free >= wanted;
  return {
    name: 'disk',
    ok,
    says: `${free} MB free, ${wanted} MB needed`,
    fix: `Free ${wanted - free} MB on the disk of ${repository}.`,
  };
}

/** @returns {Probe} */
function network() {
  const name = 'network';
  if (missingMegabytes() === 0) return { name, ok: true, says: 'not needed: everything is here' };
  const tried = spawnSync('npm', ['view', 'esbuild@0.28.2', 'version', '--loglevel=error'], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  const ok = tried.status === 0;
  const fix =
    'Check the network, or tell npm the way: npm config set proxy http://..., npm config set registry https://...';
  return {
    name,
    ok,
    says: ok
      ? `npm's registry answers; up to ${missingMegabytes()} MB on disk will be fetched`
      : "npm's registry does not answer",
    fix,
  };
}

/**
 * Looks at everything, also after the first that is wrong.
 *
 * @param {boolean} headless
 * @returns {Probe[]}
 */
export function probeMachine(headless) {
  return [sandbox(), display(headless), disk(), network()];
}
