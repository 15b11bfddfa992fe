import { lstat, readdir, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import type { ToolchainOffer } from '../../core/sandbox.ts';
import type { ReadOnly } from './bwrapArguments.ts';

/** What of the agreed tool chains shows inside. */
export interface ShownChains {
  readonly readOnly: readonly ReadOnly[];
  /** Folders among them that show empty, by their path inside. */
  readonly hidden: readonly string[];
}

/** Folders beside a tool chain's programs that hold settings with tokens, data, and sockets of services. */
const privateNames = ['etc', 'var', 'run', 'tmp', 'log', 'logs', 'data', 'home', 'srv', 'spool', 'cache', 'mnt'];

/** A chain with more files and folders than this cannot be searched in the time that a start may take. */
const mostEntries = 300_000;
const foldersAtOnce = 16;

/** Nothing but files, folders and links can be in it, as Nix's archives know nothing else. */
const storeOfNix = '/nix/store';

const enterableByAll = 0o001;

interface Looked {
  /** The storage of the sandboxes, which is never shown. */
  readonly storage: string;
  /** Sandboxes run as a user that owns nothing: what it cannot enter is no concern. */
  readonly asStranger: boolean;
}

/** Folders that the sandbox has its own of: nothing may be mounted over them. */
const ownFolders = ['/usr', '/bin', '/sbin', '/etc', '/proc', '/sys', '/dev', '/run', '/workspace', '/home/agent'];

/** Where services of package managers keep state and sockets. */
const daemonsOwn = /^\/nix\/var(?:\/|$)/;

/**
 * True for a folder that may be shown read-only: a plain absolute path, neither a whole home or root, nor over a folder
 * of the sandbox's own, nor around the sandboxes themselves.
 */
export function mayBeShown({ folder, bin }: ToolchainOffer, storage: string): boolean {
  const plain = [folder, bin].every((path) => isAbsolute(path) && normalize(path) === path && !/[:\0\n]/.test(path));
  const deep = folder.split('/').length > 2;
  const home = /^\/(home|Users)\/[^/]+$/.test(folder);
  return (
    plain &&
    deep &&
    !home &&
    // PATH names its programs, or those beside it.
    (within(bin, folder) || dirname(bin) === dirname(folder)) &&
    !daemonsOwn.test(folder) &&
    !within(storage, folder) &&
    !ownFolders.some((own) => within(folder, own))
  );
}

function within(path: string, parent: string): boolean {
  return path === parent || path.startsWith(`${parent}/`);
}

/**
 * Decides what of tool chains shows inside. A read-only mount does not stop a connection to a socket in it, nor writing
 * to a pipe, so folders that hold either show empty. A chain is left out where such a thing lies right in its folder or
 * beside its programs, where it is too large to be searched, and where its folder leads elsewhere than it says.
 */
export async function shownChains(chains: readonly ToolchainOffer[], looked: Looked): Promise<ShownChains> {
  const readOnly: ReadOnly[] = [];
  const hidden: string[] = [];
  const storage = await realpath(looked.storage).catch(() => looked.storage);
  const once = new Map(chains.map((chain) => [chain.folder, chain]));
  for (const chain of once.values()) {
    const from = await realpath(chain.folder).catch(() => undefined);
    if (from === undefined || !mayLeadTo(from, storage)) continue;
    const found = within(from, storeOfNix) ? [] : await toHide(from, chain, looked);
    if (found === undefined) continue;
    readOnly.push({ from, to: chain.folder });
    hidden.push(...found.map((path) => chain.folder + path.slice(from.length)));
  }
  return { readOnly, hidden };
}

/** All of /usr shows anyway. */
function mayLeadTo(folder: string, storage: string): boolean {
  return within(folder, '/usr') || mayBeShown({ name: '', folder, bin: folder }, storage);
}

/** Outermost folders to hide below `root`, a real path; undefined where the whole chain must stay out. */
async function toHide(root: string, chain: ToolchainOffer, looked: Looked): Promise<readonly string[] | undefined> {
  const hidden = new Set<string>();
  for (const name of privateNames) {
    const stat = await lstat(join(root, name)).catch(() => undefined);
    if (stat?.isDirectory() === true) hidden.add(join(root, name));
  }
  const holding = await foldersOfChannels(root, hidden, looked.asStranger);
  const programs = within(chain.bin, chain.folder) ? root + chain.bin.slice(chain.folder.length) : root;
  const isNeeded = (folder: string) => within(programs, folder);
  if (holding === undefined || holding.some(isNeeded)) return undefined;
  const all = [...hidden, ...holding];
  return all.filter((path) => !all.some((other) => path !== other && within(path, other)));
}

/** Folders below `root` that hold a socket or a named pipe. Undefined where there is too much to look through. */
async function foldersOfChannels(
  root: string,
  passOver: ReadonlySet<string>,
  asStranger: boolean,
): Promise<readonly string[] | undefined> {
  const holding = new Set<string>();
  const waiting = [root];
  let entries = 0;
  while (waiting.length > 0) {
    const folders = waiting.splice(-foldersAtOnce);
    const lists = await Promise.all(folders.map((folder) => readFolder(folder, asStranger)));
    for (const entry of lists.flat()) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isSocket() || entry.isFIFO()) holding.add(dirname(path));
      else if (entry.isDirectory() && !passOver.has(path)) waiting.push(path);
      entries += 1;
    }
    if (entries > mostEntries) return undefined;
  }
  return [...holding];
}

/** A folder that this process cannot read cannot be read inside either. */
async function readFolder(folder: string, asStranger: boolean) {
  const mode = asStranger ? (await lstat(folder).catch(() => undefined))?.mode : undefined;
  const isShut = mode !== undefined && (mode & enterableByAll) === 0;
  return isShut ? [] : await readdir(folder, { withFileTypes: true }).catch(() => []);
}
