import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine } from '../../core/machine.ts';
import type { ToolchainOffer } from '../../core/sandbox.ts';
import { shownChains } from './chains.ts';
import { reachable, type Place } from './place.ts';

/** How a folder of PATH is recognised, and what has to be readable for its programs to run. */
interface Kind {
  readonly name: string;
  readonly pattern: RegExp;
  /** From the match: the folder to show, as narrow as possible, since version managers keep tokens beside tools. */
  readonly offers: (match: RegExpExecArray, home: string) => Promise<readonly Omit<ToolchainOffer, 'name'>[]>;
}

const upTo = (match: RegExpExecArray) => {
  const folder = match[1] ?? '';
  return Promise.resolve([{ folder, bin: match[0] }]);
};
const binOnly = (match: RegExpExecArray) => Promise.resolve([{ folder: match[0], bin: match[0] }]);

const kinds: readonly Kind[] = [
  { name: 'Node (nvm)', pattern: /^(.*\/\.nvm\/versions\/node\/[^/]+)\/bin$/, offers: upTo },
  { name: 'Node (fnm)', pattern: /^(.*\/fnm\/node-versions\/[^/]+\/installation)\/bin$/, offers: upTo },
  { name: 'Node (asdf or mise)', pattern: /^(.*\/(?:\.asdf|mise)\/installs\/[^/]+\/[^/]+)\/bin$/, offers: upTo },
  { name: 'Python (pyenv)', pattern: /^(.*\/\.pyenv)\/shims$/, offers: (match) => pyenv(match[1] ?? '') },
  { name: 'Rust', pattern: /^(.*)\/\.cargo\/bin$/, offers: (match) => rustup(match[1] ?? '') },
  { name: 'Go', pattern: /^((?:\/opt|\/home|\/root)\/.*\/?go)\/bin$/, offers: binOnly },
  { name: 'Homebrew', pattern: /^(\/opt\/homebrew|\/home\/linuxbrew\/\.linuxbrew)\/s?bin$/, offers: homebrew },
  { name: 'Nix', pattern: /^(\/nix\/store)\/[^/]+\/(?:.*\/)?s?bin$/, offers: upTo },
  { name: 'Java (SDKMAN)', pattern: /^(.*\/\.sdkman\/candidates\/[^/]+\/[^/]+)\/bin$/, offers: upTo },
  { name: 'Deno', pattern: /^.*\/\.deno\/bin$/, offers: binOnly },
  { name: 'Bun', pattern: /^.*\/\.bun\/bin$/, offers: binOnly },
  { name: 'Tools in /opt', pattern: /^(\/opt\/[^/]+(?:\/.+)?)\/s?bin$/, offers: upTo },
  { name: 'Your own programs', pattern: /^.*\/\.local\/bin$/, offers: binOnly },
];

/** Finds tool chains outside /usr by the folders of PATH. Those that the sandbox's user cannot read are left out. */
export async function findToolchains(machine: Machine, place: Place): Promise<readonly ToolchainOffer[]> {
  const { path, home } = await variables(machine);
  const found: ToolchainOffer[] = [];
  const look = { storage: place.root, asStranger: place.drop !== undefined };
  for (const bin of path) {
    for (const offer of await offersFor(await inStoreOfNix(bin), home)) {
      const known = found.some(({ folder, bin: other }) => folder === offer.folder && other === offer.bin);
      if (known || !(await isFolder(offer.bin)) || !(await isFolder(offer.folder))) continue;
      if (place.drop !== undefined && !(await reachable(offer.bin))) continue;
      if ((await shownChains([offer], look)).readOnly.length > 0) found.push(offer);
    }
  }
  return found;
}

/** A profile of Nix is a link, or many, into its store, which is all that its programs need. */
async function inStoreOfNix(bin: string): Promise<string> {
  const real = await realpath(bin).catch(() => bin);
  return real.startsWith('/nix/store/') ? real : bin;
}

/** What a folder of PATH stands for; nothing where no rule knows it. */
export async function offersFor(bin: string, home: string): Promise<readonly ToolchainOffer[]> {
  for (const { name, pattern, offers } of kinds) {
    const match = pattern.exec(bin);
    if (match === null) continue;
    return (await offers(match, home)).map((offer) => ({ name, ...offer }));
  }
  return [];
}

/** Beside its programs a prefix of Homebrew holds the settings, data and sockets of services: `etc` and `var`. */
function homebrew(match: RegExpExecArray): Promise<readonly Omit<ToolchainOffer, 'name'>[]> {
  const parts = ['Cellar', 'opt', 'bin', 'lib', 'share'];
  return Promise.resolve(parts.map((part) => ({ folder: `${match[1] ?? ''}/${part}`, bin: match[0] })));
}

/** A shim runs the manager, which reads the home; so the chosen versions themselves are offered. */
async function pyenv(root: string): Promise<readonly Omit<ToolchainOffer, 'name'>[]> {
  const chosen = (await readFile(join(root, 'version'), 'utf8').catch(() => '')).split(/\s+/).filter(Boolean);
  const versions = chosen.length > 0 ? chosen : await readdir(join(root, 'versions')).catch(() => []);
  return versions
    .filter((version) => /^[\w.-]+$/.test(version) && version !== 'system')
    .map((version) => whole(join(root, 'versions', version)));
}

/** `~/.cargo` holds registry tokens and its programs are proxies: the tool chains behind them are offered instead. */
async function rustup(home: string): Promise<readonly Omit<ToolchainOffer, 'name'>[]> {
  const root = join(home, '.rustup', 'toolchains');
  const names = await readdir(root).catch(() => []);
  const settings = await readFile(join(home, '.rustup', 'settings.toml'), 'utf8').catch(() => '');
  const chosen = /^default_toolchain\s*=\s*"([^"]+)"/m.exec(settings)?.[1];
  const best = names.filter((name) => chosen === undefined || name.startsWith(chosen));
  return best.map((name) => whole(join(root, name)));
}

function whole(folder: string): Omit<ToolchainOffer, 'name'> {
  return { folder, bin: join(folder, 'bin') };
}

/** PATH and HOME as programs of this machine see them. */
async function variables(machine: Machine): Promise<{ path: readonly string[]; home: string }> {
  const ran = await machine.run({ program: '/usr/bin/env', args: [] });
  const lines = Buffer.from(ran.stdout).toString().split('\n');
  const value = (name: string) => lines.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
  const path = value('PATH')
    .split(':')
    .filter((folder) => folder.startsWith('/'));
  return { path: [...new Set(path)], home: value('HOME') };
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}
