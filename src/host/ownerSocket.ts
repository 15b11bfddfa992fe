import { createHash, randomBytes } from 'node:crypto';
import { link, lstat, mkdir, readdir, unlink } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { fail } from '../core/problem.ts';
import { makePrivateFolder } from './atomicFile.ts';
import { errorCode, isAbsent } from './diskErrors.ts';

/** The longest socket path in bytes that Linux (107) and macOS (103) both take. */
const maxSocketPath = 103;
/** `<16 digits>.<epoch>`, and the epoch stays below ten digits. */
const longestName = 16 + 1 + 9;

/**
 * The folder of the owner sockets. It depends on the storage alone, never on this process's environment: two windows
 * that disagreed about it would both own. Where the storage path is too long for a socket, a private folder under
 * `/tmp` named after it takes over; one that is not ours alone is refused with `storage-failed`.
 */
export async function socketFolder(preferred: string): Promise<string> {
  if (Buffer.byteLength(preferred) + 1 + longestName <= maxSocketPath) {
    await makePrivateFolder(preferred);
    return preferred;
  }
  const uid = process.getuid?.() ?? 0;
  const name = createHash('sha256').update(preferred).digest('hex').slice(0, 16);
  const folder = `/tmp/airlock-${uid}-${name}`;
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    if (errorCode(error) !== 'EEXIST') throw error;
  });
  const stat = await lstat(folder);
  if (!stat.isDirectory() || stat.uid !== uid || (stat.mode & 0o077) !== 0) {
    fail('storage-failed', `${folder} does not belong to this user alone. Remove it and try again.`);
  }
  return folder;
}

/** The epochs of one session that have a socket file, dead ones included, in rising order. */
export async function epochsOf(folder: string, name: string): Promise<readonly number[]> {
  const names = await readdir(folder);
  const epochs = names
    .filter((entry) => entry.startsWith(`${name}.`))
    .map((entry) => Number(entry.slice(name.length + 1)))
    .filter((epoch) => Number.isSafeInteger(epoch) && epoch > 0);
  return epochs.sort((a, b) => a - b);
}

/** The socket file of an epoch. */
export function socketPath(folder: string, name: string, epoch: number): string {
  return join(folder, `${name}.${epoch}`);
}

/** Connects, or answers undefined where no process listens any more. */
export function connectTo(path: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', (error) => {
      const code = errorCode(error);
      if (code === 'ECONNREFUSED' || code === 'ENOENT') resolve(undefined);
      else if (code === 'EAGAIN') setTimeout(() => resolve(connectTo(path)), 20);
      else reject(error);
    });
  });
}

/**
 * Listens and only then takes the name, by a hard link that fails where the name is taken: nobody ever sees a socket
 * under its name that does not answer yet. Undefined where another was first.
 */
export async function listenAs(path: string, folder: string): Promise<Server | undefined> {
  const server = createServer();
  const temp = join(folder, `t${randomBytes(7).toString('hex')}`);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(temp, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
  server.unref();
  try {
    await link(temp, path);
    return server;
  } catch (error) {
    await closeServer(server);
    if (errorCode(error) === 'EEXIST') return undefined;
    throw error;
  } finally {
    await removeIfThere(temp);
  }
}

/** Resolves once a server has let go of its address. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

/** Removes a file that may be gone already. */
export async function removeIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}
