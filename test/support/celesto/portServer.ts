import { createServer, request as ask, type IncomingMessage, type RequestOptions, type Server } from 'node:http';
import { Duplex } from 'node:stream';
import type { Pipe, Sandbox } from '../../../src/core/sandbox.ts';

const never = new AbortController().signal;

/** An HTTP server that hands every request, upgrades included, on to a port inside a computer. Not listening yet. */
export function portServer(running: () => Sandbox, port: number): Server {
  const forward = async (incoming: IncomingMessage) => {
    const pipe = await running().dial(port, never);
    const options: RequestOptions & { createConnection: () => Duplex } = {
      method: incoming.method ?? 'GET',
      path: incoming.url ?? '/',
      headers: incoming.headers,
      createConnection: () => duplexOver(pipe),
    };
    return ask(options);
  };
  const server = createServer((incoming, response) => {
    const failed = () => {
      if (!response.headersSent) response.writeHead(502, { 'content-type': 'text/plain' });
      response.end('Nothing answers on this port of the computer.\n');
    };
    forward(incoming).then((outgoing) => {
      outgoing.on('response', (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
        answer.on('error', () => response.destroy());
      });
      outgoing.on('error', failed);
      response.on('close', () => outgoing.destroy());
      incoming.pipe(outgoing);
    }, failed);
  });
  server.on('upgrade', (incoming, socket: Duplex, head: Buffer) => {
    socket.on('error', () => undefined);
    forward(incoming).then(
      (outgoing) => {
        outgoing.on('upgrade', (answer, inner: Duplex, innerHead: Buffer) => {
          socket.write(headOf(answer));
          socket.write(innerHead);
          inner.write(head);
          inner.on('error', () => socket.destroy());
          socket.on('close', () => inner.destroy());
          inner.on('close', () => socket.destroy());
          socket.pipe(inner).pipe(socket);
        });
        outgoing.on('response', (answer) => {
          socket.write(headOf(answer));
          answer.pipe(socket);
        });
        outgoing.on('error', () => socket.destroy());
        outgoing.end();
      },
      () => socket.end('HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\n'),
    );
  });
  return server;
}

function headOf(answer: IncomingMessage): string {
  const lines = [`HTTP/1.1 ${answer.statusCode ?? 502} ${answer.statusMessage ?? ''}`];
  for (let at = 0; at < answer.rawHeaders.length; at += 2) {
    lines.push(`${answer.rawHeaders[at] ?? ''}: ${answer.rawHeaders[at + 1] ?? ''}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function duplexOver(pipe: Pipe): Duplex {
  const read = pipe.read[Symbol.asyncIterator]();
  return new Duplex({
    read() {
      void read.next().then(
        ({ done, value }) => void this.push(done === true ? null : value),
        (error: unknown) => void this.destroy(error instanceof Error ? error : undefined),
      );
    },
    write(chunk: Buffer, _encoding, callback) {
      pipe.write(chunk).then(() => callback(), callback);
    },
    final(callback) {
      pipe.end().then(() => callback(), callback);
    },
    destroy(error, callback) {
      pipe.destroy();
      callback(error);
    },
  });
}
