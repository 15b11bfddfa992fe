import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Pipe } from '../../core/sandbox.ts';

/** Writes with back-pressure. Rejects once the connection is gone. */
export async function send(socket: Socket, bytes: Uint8Array, gone: AbortSignal): Promise<void> {
  if (!socket.write(bytes)) await once(socket, 'drain', { signal: gone });
}

/** Passes bytes both ways until both have ended, each half on its own. Rejects when either breaks. */
export async function relay(
  client: { readonly socket: Socket; readonly read: AsyncIterable<Uint8Array> },
  guest: Pick<Pipe, 'read' | 'write' | 'end'>,
  gone: AbortSignal,
): Promise<void> {
  const inward = async () => {
    for await (const bytes of client.read) await guest.write(bytes);
    await guest.end();
  };
  const outward = async () => {
    for await (const bytes of guest.read) await send(client.socket, bytes, gone);
    client.socket.end();
  };
  await Promise.all([inward(), outward()]);
}

/** Ends a pipe when the client is gone, and when `work` is over. */
export async function whileHeld(pipe: Pipe, gone: AbortSignal, work: () => Promise<void>): Promise<void> {
  const drop = () => {
    pipe.destroy();
  };
  gone.addEventListener('abort', drop);
  if (gone.aborted) drop();
  try {
    await work();
  } finally {
    gone.removeEventListener('abort', drop);
    drop();
  }
}
