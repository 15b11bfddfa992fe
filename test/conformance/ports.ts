import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { AirlockError } from '../../src/core/problem.ts';
import type { Listener, Sandbox } from '../../src/core/sandbox.ts';
import { openForward, type Forward } from '../../src/sandbox/forward.ts';
import { type Harness, never } from './harness.ts';
import { request, Watched } from './running.ts';
import { countingServer, httpServer, webSocketServer } from './servers.ts';

/** Programs inside that listen, reached from here. */
export function portsChapter(_harness: Harness, sandbox: () => Sandbox): void {
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  /** Starts a server inside and gives the port it took and a way to end it. */
  const serve = async (program: string, address = '127.0.0.1'): Promise<{ port: number; end: () => Promise<void> }> => {
    const watched = new Watched(sandbox().exec(request(sandbox(), ['node', '-e', program, address])));
    const end = async () => {
      await watched.exec.interrupt('KILL');
      await watched.finished;
    };
    cleanups.push(end);
    await watched.saw('\n');
    return { port: Number(/up (\d+)/.exec(watched.text)?.[1]), end };
  };
  const forward = async (port: number, check: 'http' | 'any' = 'http'): Promise<Forward> => {
    const opened = await openForward(sandbox(), { port, check });
    cleanups.push(() => opened.close());
    return opened;
  };
  const read = async (source: AsyncIterable<Uint8Array>): Promise<string> => {
    const parts: Uint8Array[] = [];
    for await (const bytes of source) parts.push(bytes);
    return Buffer.concat(parts).toString();
  };

  it('reaches an HTTP server: requests, large bodies, many at once', async () => {
    const { localPort } = await forward((await serve(httpServer)).port);
    const url = `http://127.0.0.1:${localPort}/`;
    assert.equal((await fetch(url)).headers.get('x-method'), 'GET');
    const large = randomBytes(5_000_000);
    const back = await fetch(url, { method: 'POST', body: large });
    assert.equal(Buffer.from(await back.arrayBuffer()).equals(large), true);
    const bodies = Array.from({ length: 30 }, (_, at) => `body ${at}`.repeat(1000));
    const answers = bodies.map(async (body) => (await fetch(url, { method: 'POST', body })).text());
    assert.deepEqual(await Promise.all(answers), bodies);
  });

  it('gives server-sent events as they come', async () => {
    const { localPort } = await forward((await serve(httpServer)).port);
    const events = await fetch(`http://localhost:${localPort}/events`);
    const reader = events.body?.getReader();
    const first = await reader?.read();
    assert.equal(Buffer.from(first?.value ?? []).toString(), 'data: first\n\n');
    await (await fetch(`http://localhost:${localPort}/more`)).text();
    const second = await reader?.read();
    assert.equal(Buffer.from(second?.value ?? []).toString(), 'data: second\n\n');
  });

  it('reaches a WebSocket server', async () => {
    const { localPort } = await forward((await serve(webSocketServer)).port);
    const socket = connect({ host: '127.0.0.1', port: localPort });
    cleanups.push(() => socket.destroy());
    const key = randomBytes(16).toString('base64');
    socket.write(
      `GET / HTTP/1.1\r\nHost: localhost:${localPort}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
    let seen = Buffer.alloc(0);
    const until = async (length: (text: Buffer) => number | undefined): Promise<Buffer> => {
      for (;;) {
        const end = length(seen);
        if (end !== undefined && seen.length >= end) {
          const piece = seen.subarray(0, end);
          seen = seen.subarray(end);
          return piece;
        }
        const [bytes] = (await once(socket, 'data')) as [Buffer];
        seen = Buffer.concat([seen, bytes]);
      }
    };
    const head = await until((text) => (text.includes('\r\n\r\n') ? text.indexOf('\r\n\r\n') + 4 : undefined));
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    assert.match(head.toString(), /^HTTP\/1\.1 101 /);
    assert.ok(head.includes(`Sec-WebSocket-Accept: ${accept}\r\n`));
    for (let at = 0; at < 100; at += 1) {
      const text = Buffer.from(`message ${at} ü`);
      const mask = randomBytes(4);
      const masked = text.map((byte, index) => byte ^ (mask[index & 3] ?? 0));
      socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | text.length]), mask, masked]));
      const answer = await until((bytes) => (bytes.length < 2 ? undefined : 2 + ((bytes[1] ?? 0) & 127)));
      assert.equal(answer.subarray(2).equals(text), true);
    }
  });

  it('keeps half-closed connections', async () => {
    const { port } = await serve(countingServer);
    const pipe = await sandbox().dial(port, never);
    for (let at = 0; at < 20; at += 1) await pipe.write(Buffer.alloc(100_000));
    await pipe.end();
    assert.equal(await read(pipe.read), 'got 2000000');
    pipe.destroy();
  });

  it('reaches a server that listens on IPv6 alone', async () => {
    const { port } = await serve(countingServer, '::1');
    const pipe = await sandbox().dial(port, never);
    await pipe.end();
    assert.equal(await read(pipe.read), 'got 0');
    pipe.destroy();
  });

  it('says where nothing listens', async () => {
    const { port, end } = await serve(countingServer);
    await end();
    const refused = (error: unknown) => error instanceof AirlockError && error.problem.id === 'not-found';
    await assert.rejects(sandbox().dial(port, never), refused);
    await assert.rejects(fetch(`http://127.0.0.1:${(await forward(port)).localPort}/`));
  });

  it('does not reach a server of this machine', async () => {
    const { createServer } = await import('node:net');
    const server = createServer((socket) => socket.end('this machine'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(() => server.close());
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    if (!sandbox().caps.reachesHostLoopback) await assert.rejects(sandbox().dial(port, never));
  });

  it('tells which ports programs listen on, and when they stop', async () => {
    const controller = new AbortController();
    const told: (readonly Listener[])[] = [];
    let wake: () => void = () => undefined;
    const over = (async () => {
      for await (const list of sandbox().listeners(controller.signal)) {
        told.push(list);
        wake();
      }
    })();
    const until = async (check: (list: readonly Listener[]) => boolean) => {
      while (!check(told.at(-1) ?? [])) await new Promise<void>((resolve) => (wake = resolve));
    };
    while (told.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    const { port, end } = await serve(httpServer);
    await until((list) => list.some((listener) => listener.port === port));
    const found = told.at(-1)?.find((listener) => listener.port === port);
    assert.equal(found?.address, '127.0.0.1');
    assert.match(found.program ?? 'node', /node|MainThread/);
    await end();
    await until((list) => !list.some((listener) => listener.port === port));
    controller.abort();
    await over;
  });
}
