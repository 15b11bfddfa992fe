import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Servers and connections of one test; all are gone after it. */
export class Place {
  readonly #cleanups: (() => unknown)[] = [];

  async clear(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).reverse()) await cleanup();
  }

  /** Closes something when the test is over. */
  keep<T extends { close(): unknown }>(part: T): T {
    this.#cleanups.push(() => part.close());
    return part;
  }

  /** A server of bare connections; gives its port. */
  async serve(onConnection: (socket: Socket) => void): Promise<number> {
    const server = createServer({ allowHalfOpen: true }, onConnection);
    this.#cleanups.push(() => server.close());
    return await portOf(server);
  }

  async serveHttp(listener: RequestListener): Promise<number> {
    const server = createHttpServer(listener);
    this.#cleanups.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return await portOf(server);
  }

  connect(port: number): Socket {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    this.#cleanups.push(() => socket.destroy());
    return socket;
  }
}

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** All that comes until the other side ends. */
export async function all(socket: Socket): Promise<string> {
  const parts: Buffer[] = [];
  for await (const bytes of socket) parts.push(bytes as Buffer);
  return Buffer.concat(parts).toString('latin1');
}
