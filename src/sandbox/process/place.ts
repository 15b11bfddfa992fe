import { createHash } from 'node:crypto';
import { chmod, copyFile, mkdir, readFile, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Machine } from '../../core/machine.ts';

/** Where sandboxes live on this machine, and as whom they run. */
export interface Place {
  /** Holds `sessions` and `programs`. */
  readonly root: string;
  readonly sessions: string;
  /** The user that sandboxes run as, where that is not this process's own. */
  readonly drop?: { readonly uid: number; readonly gid: number };
}

const firstUid = 64001;
const triesForUid = 500;
const forAll = 0o711;
const forUs = 0o700;

/**
 * Finds (and makes) the place. An ordinary user's lies in `storage`. The superuser's sandboxes run as an unused user, so
 * the place must be one that this user can reach: `storage` itself, else a folder under /var/lib.
 */
export async function findPlace(machine: Machine, storage: string): Promise<Place> {
  if (!machine.isRoot) return makePlace(storage, undefined);
  await mkdir(storage, { recursive: true, mode: forUs });
  const root = (await reachable(dirname(storage))) ? storage : publicPlace(storage);
  await mkdir(root, { recursive: true });
  const uid = await chooseUid(join(root, 'uid'));
  return makePlace(root, { uid, gid: uid });
}

/** Where the superuser's sandboxes live when other users cannot reach `storage`. */
export function publicPlace(storage: string): string {
  return join('/var/lib', `airlock-${createHash('sha256').update(storage).digest('hex').slice(0, 12)}`);
}

async function makePlace(root: string, drop: Place['drop']): Promise<Place> {
  const mode = drop === undefined ? forUs : forAll;
  const sessions = join(root, 'sessions');
  for (const folder of [root, sessions, join(root, 'programs')]) {
    await mkdir(folder, { recursive: true, mode });
    await chmod(folder, mode);
  }
  return drop === undefined ? { root, sessions } : { root, sessions, drop };
}

/** True when any user of this machine can walk to `path`. */
export async function reachable(path: string): Promise<boolean> {
  let at = await realpath(path).catch(() => undefined);
  if (at === undefined) return false;
  for (;;) {
    const { mode } = await stat(at);
    if ((mode & 0o001) === 0) return false;
    if (at === '/') return true;
    at = dirname(at);
  }
}

/** The user that this place's sandboxes run as is chosen once: one without account and without processes. */
async function chooseUid(file: string): Promise<number> {
  const kept = Number(await readFile(file, 'utf8').catch(() => ''));
  if (Number.isInteger(kept) && kept >= firstUid) return kept;
  const taken = await takenUids();
  for (let uid = firstUid; uid < firstUid + triesForUid; uid++) {
    if (taken.has(uid)) continue;
    await writeFile(file, String(uid), { mode: 0o600 });
    return uid;
  }
  throw new Error('No unused user id was found.');
}

async function takenUids(): Promise<ReadonlySet<number>> {
  const accounts = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n');
  const taken = new Set(accounts.map((line) => Number(line.split(':')[2])));
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const found = await stat(`/proc/${name}`).catch(() => undefined);
    if (found !== undefined) taken.add(found.uid);
  }
  return taken;
}

/**
 * Copies a program to where it stays: its name holds the hash of its bytes, so an update never changes the program of
 * a running sandbox. Answers the copy's path.
 */
export async function installProgram(place: Place, source: string, mode: number): Promise<string> {
  const bytes = await readFile(source);
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 20);
  const folder = join(place.root, 'programs', hash);
  const path = join(folder, basename(source));
  if ((await stat(path).catch(() => undefined))?.size === bytes.length) return path;
  await mkdir(folder, { recursive: true, mode: place.drop === undefined ? forUs : 0o755 });
  const fresh = `${path}.${process.pid}`;
  await copyFile(source, fresh);
  await chmod(fresh, mode);
  await rename(fresh, path).catch(async (error: unknown) => {
    await rm(fresh, { force: true });
    throw error;
  });
  return path;
}

/** A runtime is large: it is read and hashed once per process. */
const runtimeCopies = new Map<string, Promise<string>>();

/** The JavaScript runtime as the sandbox's user can read it: itself, or a copy where a private folder hides it. */
export async function readableRuntime(place: Place, program: string): Promise<string> {
  const real = await realpath(program);
  if (place.drop === undefined || (await reachable(real))) return real;
  const { size, mtimeMs } = await stat(real);
  const key = [place.root, real, size, mtimeMs].join(':');
  const copy = runtimeCopies.get(key) ?? installProgram(place, real, 0o755);
  runtimeCopies.set(key, copy);
  copy.catch(() => runtimeCopies.delete(key));
  return copy;
}
