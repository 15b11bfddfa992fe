import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Machine } from '../../core/machine.ts';
import { HostProcesses } from './hostProcess.ts';
import { stopByKeeper } from './keeperLink.ts';
import type { Place } from './place.ts';

/** Longest socket path that every system takes (104 on macOS, 108 on Linux, with a closing zero). */
const mostSocketPath = 100;
const ownName = /^b-[0-9a-f]{8}$/;
const elsewhereName = /^airlock-[A-Za-z0-9]{6}$/;

/**
 * What one start of a sandbox leaves on disk before any program runs, so that whatever died when, others find and end
 * what belongs to it: the keeper names this folder among its arguments, and takes the ticket before it starts anything.
 * Where the ticket was withdrawn it starts nothing. What it starts bears the folder's mark, since a bubblewrap whose
 * parent dies while it makes its namespaces may wait for ever.
 */
export interface BootFolder {
  readonly path: string;
  /** Holds the sockets: the same folder, or one with a shorter path. */
  readonly sockets: string;
  /** A file whose text is {@link sockets}. */
  readonly ticket: string;
  /** What the keeper renames the ticket to. */
  readonly taken: string;
  /** Random, and no path: it can be seen inside. */
  readonly mark: string;
}

/** Makes the folder of one boot, with its sockets in a short path where the session’s own is too long for one. */
export async function makeBootFolder(place: Place, session: string, incarnation: string): Promise<BootFolder> {
  const path = join(session, `b-${incarnation.slice(0, 8)}`);
  const mode = place.drop === undefined ? 0o700 : 0o711;
  await mkdir(path, { mode });
  let sockets = path;
  if (join(path, 'ctl', 's').length > mostSocketPath) {
    sockets = await mkdtemp('/tmp/airlock-');
    await chmod(sockets, mode);
  }
  const folder = { path, sockets, ...tickets(path), mark: basename(path) };
  await writeFile(folder.ticket, sockets, { mode: 0o600, flag: 'wx' });
  return folder;
}

/**
 * Ends what was started from any boot folder of a session and removes these folders. Answers true once nothing of it
 * runs: not a keeper that was never written down, nor one that has only begun.
 */
export async function endBoots(machine: Machine, session: string): Promise<boolean> {
  const names = (await readdir(session).catch(() => [])).filter((name) => ownName.test(name));
  const ended = await Promise.all(names.map((name) => endBoot(machine, join(session, name))));
  return ended.every(Boolean);
}

/** Ends what was started from one boot folder, and removes it. */
export async function endBoot(machine: Machine, path: string): Promise<boolean> {
  const { ticket, taken } = tickets(path);
  const sockets = await Promise.any([ticket, taken].map((file) => readFile(file, 'utf8'))).catch(() => path);
  await rm(ticket, { force: true });
  await stopByKeeper(join(sockets, 'k')).catch(() => false);
  const processes = new HostProcesses(machine);
  // The keeper first: what it started can then only become less.
  if (!(await processes.endStartedWith(path)) || !(await processes.endStartedAs(basename(path)))) return false;
  if (await isElsewhere(sockets)) await rm(sockets, { recursive: true, force: true });
  await rm(path, { recursive: true, force: true });
  return true;
}

function tickets(path: string): Pick<BootFolder, 'ticket' | 'taken'> {
  return { ticket: join(path, 'ticket'), taken: join(path, 'taken') };
}

/** True for a folder that {@link makeBootFolder} made outside the session: nobody else's is ever removed. */
async function isElsewhere(sockets: string): Promise<boolean> {
  if (dirname(sockets) !== '/tmp' || !elsewhereName.test(basename(sockets))) return false;
  const found = await lstat(sockets).catch(() => undefined);
  return found?.isDirectory() === true && found.uid === process.getuid?.();
}
