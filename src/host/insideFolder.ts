import { type BigIntStats, closeSync, constants, fstatSync, open, readFile, readlinkSync } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { fail } from '../core/problem.ts';
import { isAbsent } from './diskErrors.ts';

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

const openFile = promisify(open);
/** All of an open file from its beginning, by its descriptor. */
export const readWhole = promisify(readFile);

/**
 * A file that was opened, and what the system told of it then. Whoever opened it closes it, by `closeSync`: of an open
 * file that, and its status, cost less than waiting for a thread, thousands of times.
 */
export interface OpenFile {
  readonly fd: number;
  readonly stat: BigIntStats;
}

/**
 * Opens a regular file below `root`, which must be a real path, without following any link: the file itself may not be
 * one, and the folder that was in fact opened must be the one that was named. Rejects with `not-found` otherwise.
 */
export async function openInside(root: string, path: string): Promise<OpenFile> {
  const full = join(root, path);
  let fd: number;
  try {
    // Non-blocking, since opening a pipe would wait for its writer.
    fd = await openFile(full, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    return fail('not-found', `${path} cannot be read (${error instanceof Error ? error.message : String(error)}).`);
  }
  try {
    const stat = fstatSync(fd, { bigint: true });
    if (!stat.isFile() || (await placeOf(fd, stat, full)) !== full) fail('not-found', `${path} is no file.`);
    return { fd, stat };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Where an open file truly lies. Linux tells by descriptor; elsewhere the folder is resolved and compared. */
async function placeOf(fd: number, opened: BigIntStats, full: string): Promise<string | undefined> {
  if (process.platform === 'linux') return readlinkSync(`/proc/self/fd/${fd}`);
  const [folder, named] = await Promise.all([realpath(dirname(full)), lstat(full, { bigint: true })]);
  return folder === dirname(full) && opened.ino === named.ino && opened.dev === named.dev ? full : undefined;
}

/** Remembers which folders below a root are real folders and not reached through a link. One scan's memory. */
export class RealFolders {
  readonly #root: string;
  readonly #known = new Map<string, Promise<boolean>>();

  constructor(root: string) {
    this.#root = root;
  }

  /** True when the folder of `path` and all above it are folders themselves. */
  hold(path: string): Promise<boolean> {
    const folder = folderOf(path);
    if (folder === '') return Promise.resolve(true);
    let known = this.#known.get(folder);
    if (known === undefined) {
      known = this.hold(folder).then((above) => above && isRealFolder(join(this.#root, folder)));
      this.#known.set(folder, known);
    }
    return known;
  }
}

async function isRealFolder(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

/** The folder part of a relative path; empty at the root. */
export function folderOf(path: string): string {
  const cut = path.lastIndexOf('/');
  return cut < 0 ? '' : path.slice(0, cut);
}
