// @ts-check
import { accessSync, constants, readFileSync } from 'node:fs';
import { withLock } from './lock.mjs';
import { runShown } from './shown.mjs';

/** Debian's packages for the programs that tests and the demo need, what each fetches, and what it takes on disk. */
export const debian = /** @type {Record<string, { package: string, size: string, megabytes: number }>} */ ({
  busybox: { package: 'busybox', size: 'less than 1 MB', megabytes: 1 },
  bwrap: { package: 'bubblewrap', size: 'less than 1 MB', megabytes: 1 },
  chromium: { package: 'chromium', size: 'about 125 MB', megabytes: 412 },
  git: { package: 'git', size: 'about 10 MB', megabytes: 50 },
  python3: { package: 'python3-venv', size: 'about 10 MB', megabytes: 40 },
  nc: { package: 'netcat-openbsd', size: 'less than 1 MB', megabytes: 1 },
  openssl: { package: 'openssl', size: 'about 2 MB', megabytes: 4 },
  pip3: { package: 'python3-pip', size: 'about 5 MB', megabytes: 20 },
  socat: { package: 'socat', size: 'less than 1 MB', megabytes: 2 },
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
 * @param {(name: string) => string | undefined} [find] tells which package managers are here
 */
export function fixFor(name, find = findProgram) {
  const install = installers.find(([program]) => find(String(program)) !== undefined)?.[1];
  return `${install ?? 'Install with your package manager:'} ${debian[name]?.package ?? name}`;
}

/**
 * Finds a program; on Debian as root it is installed where it is missing. Never uses sudo.
 *
 * @param {string} name
 * @returns {Promise<string | undefined>} its path, or undefined where it is missing and cannot be installed
 */
export async function ensureProgram(name) {
  return ensureFound(name, () => Promise.resolve(findProgram(name)));
}

/**
 * Finds what `look` looks for; on Debian as root the package of program `name` is installed where it finds nothing.
 *
 * @param {string} name
 * @param {() => Promise<string | undefined>} look
 */
export async function ensureFound(name, look) {
  const found = await look();
  const wanted = debian[name];
  if (found !== undefined || wanted === undefined || !isDebianRoot()) return found;
  await install(async () => ((await look()) === undefined ? [wanted.package] : []), `${wanted.size} to fetch`);
  return look();
}

/**
 * Finds programs; on Debian as root the packages of those that are missing are installed. Never uses sudo.
 *
 * @param {Readonly<Record<string, string>>} packages of each program the package that brings it
 * @param {string} size what they fetch at most, for people
 * @returns {Promise<string[]>} the programs that are missing afterwards
 */
export async function ensurePrograms(packages, size) {
  const missing = () => Object.keys(packages).filter((name) => findProgram(name) === undefined);
  if (missing().length > 0 && isDebianRoot()) {
    await install(() => Promise.resolve(missing().map((name) => packages[name] ?? name)), size);
  }
  return missing();
}

/**
 * @param {() => Promise<string[]>} missing packages, asked for when nobody else installs
 * @param {string} size
 */
async function install(missing, size) {
  await withLock('apt', async () => {
    const wanted = await missing();
    if (wanted.length === 0) return;
    console.log(`Installing ${wanted.join(', ')} by apt (${size}) ...`);
    await apt('update');
    await apt('install', '-y', '--no-install-recommends', ...wanted);
  });
}

/**
 * What counts is whether the program is there afterwards: an update that misses one of several mirrors does no harm.
 *
 * @param {readonly string[]} args
 */
async function apt(...args) {
  const code = await runShown('apt-get', args, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  if (code !== 0) console.log(`apt-get ${args.join(' ')} failed (${code}).`);
}

/**
 * Whether there is a screen that a window could be shown on.
 *
 * @param {NodeJS.Platform} [platform]
 * @param {NodeJS.ProcessEnv} [env]
 */
export function hasDisplay(platform = process.platform, env = process.env) {
  return platform === 'darwin' || Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY']);
}

const browsers = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const browserOfMac = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/**
 * An installed Chromium or Chrome.
 *
 * @param {(name: string) => string | undefined} [find]
 * @param {NodeJS.Platform} [platform]
 * @returns {string | undefined} its path
 */
export function findBrowser(find = findProgram, platform = process.platform) {
  const found = browsers.map(find).find((path) => path !== undefined);
  return found ?? (platform === 'darwin' && isExecutable(browserOfMac) ? browserOfMac : undefined);
}
