// @ts-check
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { withLock } from './lock.mjs';

/** Debian's packages for the programs that tests and the demo need, and roughly what each fetches. */
const debian = /** @type {Record<string, { package: string, size: string }>} */ ({
  busybox: { package: 'busybox', size: 'less than 1 MB' },
  bwrap: { package: 'bubblewrap', size: 'less than 1 MB' },
  chromium: { package: 'chromium', size: 'about 125 MB' },
  git: { package: 'git', size: 'about 10 MB' },
});

/** True where apt can install what is missing: a Debian (or a child of it) and this process is root. */
export function isDebianRoot() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    return /^(ID|ID_LIKE)=.*debian/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

/**
 * Where a program is, by PATH.
 *
 * @param {string} name
 * @returns {string | undefined}
 */
export function findProgram(name) {
  const folders = (process.env['PATH'] ?? '').split(':').filter((folder) => folder.startsWith('/'));
  return folders.map((folder) => `${folder}/${name}`).find(isExecutable);
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** How the package managers of Linux are told to install. */
const installers = [
  ['apt-get', 'sudo apt-get install -y'],
  ['dnf', 'sudo dnf install -y'],
  ['pacman', 'sudo pacman -S --noconfirm'],
  ['zypper', 'sudo zypper install -y'],
  ['apk', 'sudo apk add'],
  ['brew', 'brew install'],
];

/**
 * The command that would install a program here, for a person to run.
 *
 * @param {string} name
 */
export function fixFor(name) {
  const install = installers.find(([program]) => findProgram(String(program)) !== undefined)?.[1];
  return `${install ?? 'Install with your package manager:'} ${debian[name]?.package ?? name}`;
}

/**
 * Finds a program; on Debian as root it is installed where it is missing. Never uses sudo.
 *
 * @param {string} name
 * @returns {Promise<string | undefined>} its path, or undefined where it is missing and cannot be installed
 */
export async function ensureProgram(name) {
  const found = findProgram(name);
  const wanted = debian[name];
  if (found !== undefined || wanted === undefined || !isDebianRoot()) return found;
  return withLock('apt', async () => {
    if (findProgram(name) === undefined) {
      console.log(`Installing ${wanted.package} by apt (${wanted.size} to fetch) ...`);
      apt('update', '-q');
      apt('install', '-y', '--no-install-recommends', '-q', wanted.package);
    }
    return findProgram(name);
  });
}

/** @param {readonly string[]} args */
function apt(...args) {
  spawnSync('apt-get', args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}
