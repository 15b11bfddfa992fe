import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer, get, request } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AirlockError, fail } from '../../../src/core/problem.ts';
import type { Pipe } from '../../../src/core/sandbox.ts';
import { type Forward, openForward, type ForwardOptions } from '../../../src/sandbox/forward.ts';
import { dialHere } from '../../support/tcpPipe.ts';

describe('the loopback forward', () => {
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  const open = async (options: ForwardOptions, dial: typeof dialHere = dialHere): Promise<Forward> => {
    const forward = await openForward({ dial }, options);
    cleanups.push(() => forward.close());
    return forward;
  };
  const serve = async (onConnection: (socket: Socket) => void): Promise<number> => {
    const server = createServer({ allowHalfOpen: true }, onConnection);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(() => server.close());
    return (server.address() as AddressInfo).port;
  };
  const serveHttp = async (): Promise<number> => {
    const server = createHttpServer((asked, answer) => {
      asked.pipe(answer);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return (server.address() as AddressInfo).port;
  };
  const dialForward = (forward: Forward): Socket => {
    const socket = connect({ host: '127.0.0.1', port: forward.localPort, allowHalfOpen: true });
    cleanups.push(() => socket.destroy());
    return socket;
  };

  it('listens on 127.0.0.1 alone', async () => {
    const forward = await open({ port: await serveHttp(), check: 'http' });
    const other = connect({ host: '127.0.0.2', port: forward.localPort });
    const [error] = (await once(other, 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ECONNREFUSED');
  });

  it('carries requests with bodies, one after the other and at once', async () => {
    const forward = await open({ port: await serveHttp(), check: 'http' });
    const bodies = Array.from({ length: 20 }, (_, at) => `${at}`.repeat(10_000));
    const answers = await Promise.all(bodies.map((body) => post(forward.localPort, body)));
    assert.deepEqual(answers, bodies);
  });

  it('answers to its own names only', async () => {
    const port = await serveHttp();
    const forward = await open({ port, check: 'http', names: ['s-1.localhost'] });
    const status = async (host: string) => {
      const asked = get({ host: '127.0.0.1', port: forward.localPort, headers: { host }, agent: false });
      const [answer] = (await once(asked, 'response')) as [{ statusCode: number; resume(): void }];
      answer.resume();
      return answer.statusCode;
    };
    const own = forward.localPort;
    assert.equal(await status(`localhost:${own}`), 200);
    assert.equal(await status(`127.0.0.1:${own}`), 200);
    assert.equal(await status(`S-1.LocalHost:${own}`), 200);
    for (const host of [
      'evil.example',
      `evil.example:${own}`,
      'localhost',
      `localhost:${port + 1}`,
      `s-2.localhost:${own}`,
      `x.s-1.localhost:${own}`,
    ]) {
      assert.equal(await status(host), 421, host);
    }
  });

  it('takes no request whose host is told twice, folded or missing, and nothing that is not HTTP', async () => {
    let reached = 0;
    const port = await serve(() => (reached += 1));
    const forward = await open({ port, check: 'http' });
    const own = `localhost:${forward.localPort}`;
    for (const head of [
      `GET / HTTP/1.1\r\nHost: ${own}\r\nHost: evil.example\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost: evil.example\r\nHost: ${own}\r\n\r\n`,
      `GET / HTTP/1.1\r\nX: y\r\n Host: ${own}\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost : ${own}\r\n\r\n`,
      'GET / HTTP/1.1\r\n\r\n',
      `\x16\x03\x01\r\nHost: ${own}\r\n\r\n`,
      `${'x'.repeat(70_000)}\r\n`,
    ]) {
      const socket = dialForward(forward);
      socket.end(head);
      const parts: Buffer[] = [];
      for await (const bytes of socket) parts.push(bytes as Buffer);
      assert.match(Buffer.concat(parts).toString(), /^HTTP\/1\.1 421 /);
    }
    assert.equal(reached, 0);
  });

  it('hands over what came with the head, and goes on after an upgrade', async () => {
    const port = await serve((socket) => socket.pipe(socket));
    const forward = await open({ port, check: 'http' });
    const socket = dialForward(forward);
    const head = `GET / HTTP/1.1\r\nHost: localhost:${forward.localPort}\r\nUpgrade: x\r\n\r\n`;
    socket.write(`${head}first`);
    let seen = '';
    for await (const bytes of socket) {
      seen += String(bytes);
      if (seen === `${head}first`) socket.end('second');
    }
    assert.equal(seen, `${head}firstsecond`);
  });

  it('keeps half-closed connections: an answer that starts after the question has ended', async () => {
    const port = await serve((socket) => {
      let length = 0;
      socket.on('data', (bytes) => (length += bytes.length));
      socket.on('end', () => socket.end(`got ${length}`));
    });
    const socket = dialForward(await open({ port, check: 'any' }));
    socket.end('x'.repeat(1_000_000));
    const parts: Buffer[] = [];
    for await (const bytes of socket) parts.push(bytes as Buffer);
    assert.equal(Buffer.concat(parts).toString(), 'got 1000000');
  });

  it('reads no faster from the sandbox than the client takes', async () => {
    let given = 0;
    const endless: Pipe = {
      read: (async function* () {
        for (;;) {
          given += 1;
          yield await Promise.resolve(Buffer.alloc(1024 * 1024));
        }
      })(),
      write: () => Promise.resolve(),
      end: () => Promise.resolve(),
      destroy: () => undefined,
    };
    const socket = dialForward(await open({ port: 1, check: 'any' }, () => Promise.resolve(endless)));
    await once(socket, 'readable');
    for (let turn = 0; turn < 2000; turn += 1) await nextTurn();
    assert.ok(given < 32, `${given} MB were taken for a client that reads nothing`);
  });

  it('resets the connection where nothing listens inside', async () => {
    const forward = await open({ port: 9, check: 'any' }, () => fail('not-found', 'Nothing listens there.'));
    const socket = dialForward(forward);
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ECONNRESET');
  });

  it('stops dialling for a client that has left, and drops the inner side of one that vanishes', async () => {
    const dialled = Promise.withResolvers<AbortSignal>();
    const first = await open({ port: 9, check: 'any' }, (_, signal) => {
      dialled.resolve(signal);
      return new Promise(() => undefined);
    });
    const leaving = dialForward(first);
    const signal = await dialled.promise;
    leaving.resetAndDestroy();
    await new Promise((resolve) => {
      signal.addEventListener('abort', resolve);
    });

    const inner = Promise.withResolvers<Socket>();
    const port = await serve((socket) => {
      inner.resolve(socket);
    });
    const vanishing = dialForward(await open({ port, check: 'any' }));
    vanishing.write('x');
    const socket = await inner.promise;
    socket.on('error', () => undefined).resume();
    const ended = once(socket, 'end');
    vanishing.resetAndDestroy();
    await ended;
    socket.destroy();
  });

  it('closes with the session: listener and connections', async () => {
    const session = new AbortController();
    const port = await serve((socket) => socket.pipe(socket));
    const forward = await open({ port, check: 'any', signal: session.signal });
    const socket = dialForward(forward);
    socket.write('x');
    await once(socket, 'data');
    socket.on('error', () => undefined);
    const closed = once(socket, 'end');
    session.abort();
    await closed;
    const [error] = (await once(dialForward(forward), 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ECONNREFUSED');
    await forward.close();
  });

  it('says when the wished port is taken', async () => {
    const forward = await open({ port: 9, check: 'any' });
    await assert.rejects(
      open({ port: 9, check: 'any', localPort: forward.localPort }),
      (error) => error instanceof AirlockError && error.problem.id === 'bad-input',
    );
  });
});

async function post(port: number, body: string): Promise<string> {
  const asked = request({ host: '127.0.0.1', port, method: 'POST' });
  asked.end(body);
  const [answer] = (await once(asked, 'response')) as [AsyncIterable<Buffer>];
  let text = '';
  for await (const bytes of answer) text += String(bytes);
  return text;
}
