import type { Server, Socket } from 'node:net';
import type { SessionId } from '../shared/ids.ts';
import { fail } from '../core/problem.ts';
import type { Onlooker, OwnerLease, OwnerLeases } from '../core/storage.ts';
import { onStorage } from './diskErrors.ts';
import { readLines, sendLine } from './lineSocket.ts';
import { closeServer, connectTo, epochsOf, listenAs, removeIfThere, socketFolder, socketPath } from './ownerSocket.ts';
import { readStored, writeRecord } from './sessionStore.ts';
import type { StorageRoot } from './storageRoot.ts';

/** Other windows that may look on at one session. */
const maxOnlookers = 32;
/** Lines that are kept for an onlooker that does not listen yet. */
const maxEarlyLines = 10_000;
/** Requests that are kept for an owner that does not listen yet: it finds out first what is true of its session. */
const maxEarlyRequests = 100;

/**
 * Owner leases on Unix sockets: whoever listens on the socket of an epoch owns, or gives up in a moment because another
 * does, and the system closes that socket when the process ends, however it ends. Taking over a dead owner means creating
 * the *next* epoch's name, which only one can, and then to find nobody else who listens: of two that take different names
 * the later one finds the other.
 */
export function ownerLeases(root: StorageRoot): OwnerLeases {
  return {
    acquire: (id) =>
      onStorage('take the session over', async () => {
        const folder = await socketFolder(root.owners);
        for (;;) {
          const taken = await tryAcquire(root, folder, id);
          if (taken !== undefined) return taken;
        }
      }),
  };
}

type Acquired = Awaited<ReturnType<OwnerLeases['acquire']>>;

/** One try; undefined where another process was faster and everything must be looked at again. */
async function tryAcquire(root: StorageRoot, folder: string, id: SessionId): Promise<Acquired | undefined> {
  const name = id.slice(-16);
  const looked = await epochsOf(folder, name);
  const socket = await connectToAny(folder, name, looked);
  if (socket !== undefined) return { kind: 'onlooker', onlooker: onlookerOn(socket) };
  const epoch = Math.max(looked.at(-1) ?? 0, await storedEpoch(root, id)) + 1;
  const path = socketPath(folder, name, epoch);
  const server = await listenAs(path, folder);
  if (server === undefined) return undefined;
  const lease = ownerOn(server, epoch, path);
  // We may have slept between looking and taking. Whoever came since listens, below our epoch or above it, or has stored
  // an epoch that is not below ours.
  const others = (await epochsOf(folder, name)).filter((other) => other !== epoch);
  const faster = await connectToAny(folder, name, others);
  faster?.destroy();
  if (faster !== undefined || (await storedEpoch(root, id)) >= epoch) {
    await lease.release();
    return undefined;
  }
  await storeEpoch(root, id, epoch);
  for (const dead of others) if (dead < epoch) await removeIfThere(socketPath(folder, name, dead));
  return { kind: 'owner', lease };
}

/** Connects to whoever listens on one of these epochs: the highest may be dead, and the owner below it. */
async function connectToAny(folder: string, name: string, epochs: readonly number[]): Promise<Socket | undefined> {
  for (const epoch of [...epochs].reverse()) {
    const socket = await connectTo(socketPath(folder, name, epoch));
    if (socket !== undefined) return socket;
  }
  return undefined;
}

async function storedEpoch(root: StorageRoot, id: SessionId): Promise<number> {
  const stored = await readStored(root, id);
  if (stored?.kind === 'newer') fail('newer-schema', 'This session was written by a newer Airlock.');
  return stored?.kind === 'ok' ? stored.record.epoch : 0;
}

/** From here on a writer of an older epoch is refused. A session whose record is missing or damaged gets none. */
async function storeEpoch(root: StorageRoot, id: SessionId, epoch: number): Promise<void> {
  const stored = await readStored(root, id);
  if (stored?.kind === 'ok') await writeRecord(root, { ...stored.record, epoch });
}

type RequestListener = (line: string, reply: (line: string) => void) => void;

function ownerOn(server: Server, epoch: number, path: string): OwnerLease {
  const onlookers = new Set<Socket>();
  const listeners = new Set<RequestListener>();
  // Requests that come before anyone listens are kept for the first listener.
  let early: Parameters<RequestListener>[] | undefined = [];
  server.on('error', () => undefined);
  server.on('connection', (socket) => {
    if (onlookers.size >= maxOnlookers) {
      socket.destroy();
      return;
    }
    onlookers.add(socket);
    socket.unref();
    socket.on('error', () => undefined);
    socket.on('close', () => onlookers.delete(socket));
    readLines(socket, (line) => {
      const request: Parameters<RequestListener> = [line, (answer) => sendLine(socket, answer)];
      if (early !== undefined && early.push(request) > maxEarlyRequests) {
        early.pop();
        socket.destroy();
      }
      for (const listener of listeners) listener(...request);
    });
  });
  let released: Promise<void> | undefined;
  const release = async () => {
    await removeIfThere(path);
    const closed = closeServer(server);
    for (const socket of onlookers) socket.destroy();
    await closed;
  };
  return {
    epoch,
    broadcast: (line) => {
      for (const socket of onlookers) sendLine(socket, line);
    },
    onRequest: (listener) => {
      listeners.add(listener);
      const missed = early ?? [];
      early = undefined;
      for (const request of missed) listener(...request);
    },
    release: () => (released ??= release()),
  };
}

function onlookerOn(socket: Socket): Onlooker {
  const listeners = new Set<(line: string) => void>();
  // Lines that come before anyone listens are kept for the first listener.
  let early: string[] | undefined = [];
  readLines(socket, (line) => {
    if (early !== undefined && early.push(line) > maxEarlyLines) socket.destroy();
    for (const listener of listeners) listener(line);
  });
  socket.unref();
  socket.on('error', () => undefined);
  const ownerGone = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
  return {
    onLine: (listener) => {
      listeners.add(listener);
      const missed = early ?? [];
      early = undefined;
      for (const line of missed) listener(line);
    },
    request: (line) => sendLine(socket, line),
    ownerGone,
    close: () => void socket.destroy(),
  };
}
