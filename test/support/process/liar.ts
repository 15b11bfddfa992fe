import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a supervisor under the rule of hostile commands does with one connection. */
export type Lie = (socket: Socket) => void;

/** Something that listens where a supervisor should. */
export interface Liar {
  readonly socket: string;
  /** Connections that are open. */
  connections(): number;
  close(): Promise<void>;
}

/** Answers every request with the same lie, without having read it. */
export async function startLiar(lie: Lie): Promise<Liar> {
  const folder = mkdtempSync(join(tmpdir(), 'airlock-liar-'));
  const socket = join(folder, 's');
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    open.add(client);
    client.on('error', () => undefined);
    client.on('close', () => open.delete(client));
    client.on('end', () => client.end());
    lie(client);
  });
  server.listen(socket);
  await once(server, 'listening');
  return {
    socket,
    connections: () => open.size,
    close: async () => {
      for (const client of open) client.destroy();
      server.close();
      await once(server, 'close');
      rmSync(folder, { recursive: true });
    },
  };
}

/**
 * Sends `piece` over and over, as fast as it is taken, up to `most` bytes.
 *
 * @returns tells what of it was taken so far
 */
export function flood(socket: Socket, piece: Uint8Array, most: number): () => number {
  const send = () => {
    while (!socket.destroyed && socket.bytesWritten < most && socket.write(piece));
    if (!socket.destroyed && socket.bytesWritten < most) socket.once('drain', send);
  };
  send();
  return () => socket.bytesWritten - socket.writableLength;
}
