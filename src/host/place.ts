import { constants, type Stats } from 'node:fs';
import { link, lstat, mkdir, open, realpath, rename, rmdir, symlink, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RelPath } from '../core/paths.ts';
import type { BlobStore } from '../core/storage.ts';
import { sameSide } from '../core/sync/tree.ts';
import type { Node } from '../core/sync/types.ts';
import { syncFolder } from './atomicFile.ts';
import { errorCode, isAbsent } from './diskErrors.ts';
import { sideOf } from './folder.ts';
import { fileIn, removeFolders } from './folderExchange.ts';
import { folderOf } from './insideFolder.ts';
import type { JournalStep } from './journal.ts';

/** Why one path was left as it is, in words for people. */
export class Skip extends Error {
  readonly why: string;

  constructor(why: string) {
    super(why);
    this.why = why;
  }
}

export const changedHere = 'It changed on this machine in the meantime, so it was left as it is.';
const throughLink = 'A folder on its way is a link or no folder, so it was left as it is.';

/** One path to bring to a new state. */
export interface Placement {
  readonly path: RelPath;
  /** What must stand there right before the rename. */
  readonly expect: Node | 'absent';
  readonly write: Node | 'absent';
  /** Mode bits for a file that does not exist now. */
  readonly mode?: number;
  /** Name of the scratch file in the same folder. */
  readonly temp: string;
}

/**
 * Brings one path below `root` (a real path) from `expect` to `write`, whole or not at all. Throws {@link Skip} where
 * something else stands there or the path leads through a link; nothing was changed then.
 */
export async function place(root: string, placement: Placement, blobs: BlobStore): Promise<void> {
  const { path, expect, write } = placement;
  const full = join(root, path);
  if (write === 'absent') {
    await mustStand(root, placement);
    if (expect === 'absent') return;
    await (expect.t === 'dir' ? removeFolder(full) : unlink(full));
  } else {
    await makeFolders(root, folderOf(path));
    if (write.t === 'file') await placeFile(root, placement, write, blobs);
    else if (write.t === 'link') await placeLink(root, placement, write.target);
    else await placeFolder(root, placement);
  }
  await syncFolder(dirname(full));
}

async function placeFile(
  root: string,
  placement: Placement,
  write: Node & { t: 'file' },
  blobs: BlobStore,
): Promise<void> {
  const full = join(root, placement.path);
  const temp = join(dirname(full), placement.temp);
  await mustBeReal(root, folderOf(placement.path));
  const now = await lstat(full).catch(() => undefined);
  try {
    await writeTemp(temp, write, now?.isFile() === true ? now : undefined, placement.mode, blobs);
    await mustStand(root, placement);
    if (await isFree(root, placement)) await takeFreeName(temp, full);
    else await rename(temp, full);
  } catch (error) {
    await unlink(temp).catch(() => undefined);
    // It made room.
    if (placement.expect !== 'absent' && placement.expect.t === 'dir') await mkdir(full).catch(() => undefined);
    throw error;
  }
}

/** Keeps the mode and owner of the file that it replaces; only the executable bits follow what is written. */
async function writeTemp(
  temp: string,
  write: Node & { t: 'file' },
  now: Stats | undefined,
  mode: number | undefined,
  blobs: BlobStore,
): Promise<void> {
  const kept = now === undefined ? mode : now.mode & 0o777;
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  const fresh = kept !== undefined ? 0o600 : write.exec ? 0o777 : 0o666;
  const file = await open(temp, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, fresh);
  try {
    for await (const chunk of blobs.stream(write.blob)) await file.appendFile(chunk);
    if (now !== undefined && process.getuid?.() === 0) await file.chown(now.uid, now.gid);
    if (kept !== undefined) await file.chmod(withExec(kept, write.exec));
    await file.sync();
  } finally {
    await file.close();
  }
}

function withExec(mode: number, exec: boolean): number {
  if (exec === ((mode & 0o100) !== 0)) return mode;
  // Whoever may read it may run it, as a fresh checkout would have it.
  return exec ? mode | 0o100 | ((mode & 0o444) >> 2) : mode & ~0o111;
}

/** Gives `temp` its name without ever replacing what may have appeared there. */
async function takeFreeName(temp: string, full: string): Promise<void> {
  try {
    await link(temp, full);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEXIST') throw new Skip(changedHere);
    // Some file systems have no hard links.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(code ?? '')) throw error;
    await rename(temp, full);
    return;
  }
  await unlink(temp);
}

async function placeLink(root: string, placement: Placement, target: string): Promise<void> {
  const full = join(root, placement.path);
  await mustStand(root, placement);
  if (await isFree(root, placement)) {
    await symlink(target, full);
    return;
  }
  const temp = join(dirname(full), placement.temp);
  try {
    await symlink(target, temp);
    await mustStand(root, placement);
    await rename(temp, full);
  } catch (error) {
    await unlink(temp).catch(() => undefined);
    throw error;
  }
}

async function placeFolder(root: string, placement: Placement): Promise<void> {
  const full = join(root, placement.path);
  await mustStand(root, placement);
  if (placement.expect === 'absent') {
    await mkdir(full);
    return;
  }
  const temp = join(dirname(full), placement.temp);
  await rename(full, temp);
  try {
    await mkdir(full);
  } catch (error) {
    await rename(temp, full);
    throw error;
  }
  await unlink(temp);
}

/** True where nothing stands at the path, or nothing any more: an empty folder that was expected there makes room. */
async function isFree(root: string, { path, expect }: Placement): Promise<boolean> {
  if (expect === 'absent') return true;
  if (expect.t !== 'dir') return false;
  const other = await fileIn(root, path);
  if (other !== undefined) throw new Skip(`The folder there holds ${other}, so it was left as it is.`);
  await removeFolders(join(root, path));
  return true;
}

async function removeFolder(full: string): Promise<void> {
  try {
    await rmdir(full);
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST'].includes(errorCode(error) ?? ''))
      throw new Skip('The folder is not empty, so it stays.');
    throw error;
  }
}

/** The last look before a change: the folder is where it says, and what stands there is what was expected. */
async function mustStand(root: string, { path, expect }: Placement): Promise<void> {
  const { side } = await sideOf(root, path);
  if (!sameSide(side, expect)) throw new Skip(changedHere);
  if (expect !== 'absent') await mustBeReal(root, folderOf(path));
}

async function mustBeReal(root: string, folder: string): Promise<void> {
  const real = await realpath(join(root, folder)).catch(() => undefined);
  if (real !== join(root, folder)) throw new Skip(throughLink);
}

async function makeFolders(root: string, folder: string): Promise<void> {
  if (folder === '') return;
  await makeFolders(root, folderOf(folder));
  const full = join(root, folder);
  try {
    await mkdir(full);
    await syncFolder(dirname(full));
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    if (!(await lstat(full)).isDirectory()) throw new Skip(throughLink);
  }
  await mustBeReal(root, folder);
}

/** The folders above what the steps write that do not exist, or are files that they remove first; outermost first. */
export async function missingFolders(root: string, steps: readonly JournalStep[]): Promise<readonly RelPath[]> {
  const isLeaving = ({ before, write }: JournalStep) => write === 'absent' && before !== 'absent' && before.t !== 'dir';
  const leaving = new Set<string>(steps.filter(isLeaving).map(({ path }) => path));
  const missing = new Set<string>();
  for (const { path } of steps.filter(({ write }) => write !== 'absent')) {
    for (let folder = folderOf(path); folder !== '' && !missing.has(folder); folder = folderOf(folder)) {
      if (!leaving.has(folder) && (await exists(join(root, folder)))) break;
      missing.add(folder);
    }
  }
  return [...missing].sort() as RelPath[];
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    return !isAbsent(error);
  }
}

/** Removes folders that an act made, where they are empty again. */
export async function removeEmptyFolders(root: string, folders: readonly RelPath[]): Promise<void> {
  for (const folder of [...folders].reverse()) {
    const real = await realpath(join(root, folder)).catch(() => undefined);
    if (real === join(root, folder)) await rmdir(real).catch(() => undefined);
  }
}
