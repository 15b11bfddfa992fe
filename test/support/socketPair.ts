import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Two ends of one TCP connection on loopback, either of which may close its half alone. */
export async function socketPair(): Promise<readonly [Socket, Socket]> {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const one = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true });
  const [other] = (await once(server, 'connection')) as [Socket];
  server.close();
  for (const socket of [one, other]) socket.on('error', () => undefined);
  return [one, other];
}

const piece = Buffer.alloc(64 * 1024, 'x');

/** Writes into `from` until `to`, which leads to somebody who does not read, holds bytes back. Answers how many. */
export async function fill(from: Socket, to: Socket): Promise<number> {
  let written = 0;
  while (to.writableLength === 0) {
    from.write(piece);
    written += piece.length;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return written;
}

/** Reads to the end; answers how many bytes came. */
export async function drain(socket: Socket): Promise<number> {
  let length = 0;
  for await (const bytes of socket) length += (bytes as Buffer).length;
  return length;
}
