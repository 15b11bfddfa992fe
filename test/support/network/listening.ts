import { once } from 'node:events';
import type { Server as WebServer } from 'node:http';
import type { Server } from 'node:net';

/** Lets a server listen on a free port of this machine's loopback. */
export async function listening(
  server: Server & Partial<Pick<WebServer, 'closeAllConnections'>>,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    port,
    close: async () => {
      server.closeAllConnections?.();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
