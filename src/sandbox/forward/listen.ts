import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { fail } from '../../core/problem.ts';
import { isOwnPeer } from './peer.ts';

/** A listener on 127.0.0.1. */
export interface LoopbackListener {
  readonly localPort: number;
  /** Drops every connection and stops listening. */
  close(): Promise<void>;
}

export interface ListenOptions {
  /** Port to listen on here. Absent: one that is free. */
  readonly localPort?: number;
  /** Closes the listener. */
  readonly signal?: AbortSignal;
}

const maxConnections = 512;

/**
 * Listens on 127.0.0.1 for this user's own programs; others are hung up on before a byte of theirs is read. `serve` has
 * each connection until its promise settles; it is told by the signal when the connection closes. Throws `bad-input`
 * where `localPort` cannot be had.
 */
export async function listenHere(
  serve: (socket: Socket, gone: AbortSignal) => Promise<void>,
  { localPort: wished = 0, signal }: ListenOptions,
): Promise<LoopbackListener> {
  const ending = new AbortController();
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  server.maxConnections = maxConnections;
  const localPort = await listen(server, wished);
  server.on('connection', (socket) => void hold(socket, serve, ending.signal));
  server.on('error', () => undefined);
  const close = async () => {
    signal?.removeEventListener('abort', onAbort);
    ending.abort();
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    await closed;
  };
  const onAbort = () => void close();
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted === true) await close();
  return { localPort, close };
}

async function listen(server: Server, port: number): Promise<number> {
  try {
    server.listen({ host: '127.0.0.1', port, exclusive: true });
    await once(server, 'listening');
  } catch (error) {
    const isForbidden = error instanceof Error && 'code' in error && error.code === 'EACCES';
    fail('bad-input', `Port ${port} of this machine is ${isForbidden ? 'reserved for the system' : 'taken'}.`);
  }
  const address = server.address();
  if (address === null || typeof address === 'string') fail('unsupported', 'This machine gave no port to listen on.');
  return address.port;
}

/** One connection, from its first byte to its end. Never rejects. */
async function hold(
  socket: Socket,
  serve: (socket: Socket, gone: AbortSignal) => Promise<void>,
  ending: AbortSignal,
): Promise<void> {
  const gone = new AbortController();
  const drop = () => socket.destroy();
  // Without a listener an error of the socket would end the process; what matters of it is that the socket closes.
  socket.on('error', () => undefined);
  ending.addEventListener('abort', drop);
  socket.once('close', () => {
    ending.removeEventListener('abort', drop);
    gone.abort();
  });
  if (ending.aborted) drop();
  try {
    if (await isOwnPeer(socket)) await serve(socket, gone.signal);
    else socket.resetAndDestroy();
  } catch {
    socket.resetAndDestroy();
  }
}
