import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { fail } from '../core/problem.ts';
import type { Pipe, Sandbox } from '../core/sandbox.ts';
import { readGreeting } from './hostCheck.ts';

export interface ForwardOptions {
  /** The port inside, on the sandbox's own loopback. */
  readonly port: number;
  /** Port to listen on here. Absent: one that is free. */
  readonly localPort?: number;
  /**
   * `http`: the first request of each connection must name this listener (127.0.0.1, localhost or one of `names`, with
   * its port) as its host, or it is answered with 421. That stops web pages that had their own name point here.
   * `any`: bytes of any protocol, unlooked at.
   */
  readonly check: 'http' | 'any';
  /** More host names that this listener answers to. */
  readonly names?: readonly string[];
  /** Closes the forward. */
  readonly signal?: AbortSignal;
}

/** A listener on this machine's loopback that leads to one port inside a sandbox. */
export interface Forward {
  /** Where it listens on 127.0.0.1. */
  readonly localPort: number;
  /** Drops every connection and stops listening. */
  close(): Promise<void>;
}

const maxConnections = 512;

/**
 * Listens on 127.0.0.1 and relays each connection to `port` inside, with back-pressure and half-closed connections kept
 * as they are. Where nothing listens inside, the connection is reset. Throws `bad-input` where `localPort` is taken.
 */
export async function openForward(sandbox: Pick<Sandbox, 'dial'>, options: ForwardOptions): Promise<Forward> {
  const ending = new AbortController();
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  server.maxConnections = maxConnections;
  const localPort = await listen(server, options.localPort ?? 0);
  const hosts = new Set(['127.0.0.1', 'localhost', ...(options.names ?? [])].map((name) => `${name}:${localPort}`));
  server.on('connection', (socket) => {
    void serve(socket, sandbox, options.port, options.check === 'http' ? hosts : undefined, ending.signal);
  });
  server.on('error', () => undefined);
  const close = async () => {
    options.signal?.removeEventListener('abort', onAbort);
    ending.abort();
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    await closed;
  };
  const onAbort = () => void close();
  options.signal?.addEventListener('abort', onAbort);
  if (options.signal?.aborted === true) await close();
  return { localPort, close };
}

async function listen(server: Server, port: number): Promise<number> {
  try {
    server.listen({ host: '127.0.0.1', port, exclusive: true });
    await once(server, 'listening');
  } catch {
    fail('bad-input', `Port ${port} of this machine is taken.`);
  }
  const address = server.address();
  if (address === null || typeof address === 'string') fail('unsupported', 'This machine gave no port to listen on.');
  return address.port;
}

/** One connection, from its first byte to its end. Never rejects. */
async function serve(
  socket: Socket,
  sandbox: Pick<Sandbox, 'dial'>,
  port: number,
  hosts: ReadonlySet<string> | undefined,
  ending: AbortSignal,
): Promise<void> {
  const gone = new AbortController();
  const drop = () => socket.destroy();
  ending.addEventListener('abort', drop);
  // Without a listener an error of the socket would end the process; what matters of it is that the socket closes.
  socket.on('error', () => undefined);
  // Reads ahead into the socket's own buffer, so that a client that leaves is noticed while we still dial.
  socket.on('readable', () => undefined);
  socket.once('close', () => {
    ending.removeEventListener('abort', drop);
    gone.abort();
  });
  if (ending.aborted) drop();
  let pipe: Pipe | undefined;
  try {
    const greeting = hosts === undefined ? { ok: true as const, bytes: undefined } : await readGreeting(socket, hosts);
    if (!greeting.ok) {
      socket.end(greeting.answer);
      return;
    }
    pipe = await sandbox.dial(port, gone.signal);
    if (greeting.bytes !== undefined) await pipe.write(greeting.bytes);
    await relay(socket, pipe, gone.signal);
  } catch {
    socket.resetAndDestroy();
  } finally {
    pipe?.destroy();
  }
}

/** Both directions until both have ended. Rejects when either breaks. */
async function relay(socket: Socket, pipe: Pipe, gone: AbortSignal): Promise<void> {
  const drop = () => {
    pipe.destroy();
  };
  gone.addEventListener('abort', drop);
  if (gone.aborted) drop();
  try {
    await Promise.all([inward(socket, pipe), outward(pipe, socket, gone)]);
  } finally {
    gone.removeEventListener('abort', drop);
  }
}

async function inward(socket: Socket, pipe: Pipe): Promise<void> {
  // Leaving the loop must not destroy the socket, whose other half may still be wanted.
  for await (const bytes of socket.iterator({ destroyOnReturn: false })) await pipe.write(bytes as Buffer);
  await pipe.end();
}

async function outward(pipe: Pipe, socket: Socket, gone: AbortSignal): Promise<void> {
  for await (const bytes of pipe.read) {
    if (!socket.write(bytes)) await once(socket, 'drain', { signal: gone });
  }
  socket.end();
}
