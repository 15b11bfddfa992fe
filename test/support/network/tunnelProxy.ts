import { createServer, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { listening } from './listening.ts';

/** A proxy that opens tunnels, all of them to one port of this machine, whatever they are asked to lead to. */
export interface TunnelProxy {
  readonly port: number;
  /** What was asked for: `host:port` of each tunnel, with the credentials that came along. */
  readonly asked: { readonly to: string; readonly authorization: string | undefined }[];
  /** Answered instead of opening a tunnel, while it is set. */
  refuseWith: number | undefined;
  close(): Promise<void>;
}

export async function tunnelProxy(leadsTo: number): Promise<TunnelProxy> {
  const server = createServer((_request, response) => response.writeHead(400).end());
  const open = new Set<Duplex>();
  const listener = await listening(server);
  const proxy: TunnelProxy = {
    port: listener.port,
    asked: [],
    refuseWith: undefined,
    close: async () => {
      for (const socket of open) socket.destroy();
      await listener.close();
    },
  };
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    const authorization = request.headers['proxy-authorization'];
    proxy.asked.push({ to: request.url ?? '', authorization });
    open.add(socket);
    if (proxy.refuseWith !== undefined) {
      socket.end(`HTTP/1.1 ${proxy.refuseWith} No\r\n\r\n`);
      return;
    }
    const way = connect(leadsTo, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      way.pipe(socket).pipe(way);
    });
    for (const end of [way, socket]) end.on('error', () => [way, socket].forEach((one) => one.destroy()));
  });
  return proxy;
}
