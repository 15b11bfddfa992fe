import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import type { Forwarded } from '../../src/core/ports/forwarding.ts';
import { AirlockError } from '../../src/core/problem.ts';
import type { Listener, Sandbox } from '../../src/core/sandbox.ts';
import { openRawForward, openWebForward } from '../../src/sandbox/forward/index.ts';
import { sendAs } from '../support/ports/asOther.ts';
import { cookieFor } from '../support/ports/browser.ts';
import { skipBecause } from '../support/commands/results.ts';
import { type Harness, never, scaled } from './harness.ts';
import { request, Watched } from './running.ts';
import { countingServer, httpServer, webSocketServer } from './servers.ts';

/** A forward with what a browser that opened it has. */
interface Opened extends Forwarded {
  readonly headers: { readonly host: string; readonly cookie: string };
}

/** Programs inside that listen, reached from here. */
export function portsChapter(harness: Harness, sandbox: () => Sandbox): void {
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  /** Starts a server inside and gives the port it took and a way to end it. */
  const serve = async (program: string, address = '127.0.0.1'): Promise<{ port: number; end: () => Promise<void> }> => {
    const { node = 'node' } = harness;
    const watched = new Watched(sandbox().exec(request(sandbox(), [node, '-e', program, address])));
    const end = async () => {
      await watched.exec.interrupt('KILL');
      await watched.finished;
    };
    cleanups.push(end);
    await watched.saw('\n');
    return { port: Number(/up (\d+)/.exec(watched.text)?.[1]), end };
  };
  const forward = async (port: number, name = 's-one.localhost'): Promise<Opened> => {
    const token = randomBytes(16).toString('hex');
    const opened = await openWebForward(sandbox(), { port, name, token });
    cleanups.push(() => opened.close());
    return { ...opened, headers: { host: opened.authority, cookie: await cookieFor(opened) } };
  };
  const ask = async (
    to: Opened,
    { path = '/', body, headers = {} }: { path?: string; body?: Buffer; headers?: OutgoingHttpHeaders } = {},
  ): Promise<IncomingMessage> => {
    const method = body === undefined ? 'GET' : 'POST';
    const given = { ...to.headers, ...headers };
    const asked = httpRequest({ host: '127.0.0.1', port: to.localPort, path, method, headers: given, agent: false });
    asked.end(body);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    return answer;
  };
  const bytesOf = async (source: AsyncIterable<Uint8Array>): Promise<Buffer> => {
    const parts: Uint8Array[] = [];
    for await (const bytes of source) parts.push(bytes);
    return Buffer.concat(parts);
  };
  const read = async (source: AsyncIterable<Uint8Array>): Promise<string> => (await bytesOf(source)).toString();

  it('reaches an HTTP server', async () => {
    const { port } = await serve(httpServer);
    const answer = await ask(await forward(port));
    assert.equal(answer.headers['x-method'], 'GET');
    assert.equal(answer.headers['x-host'], `localhost:${port}`, 'the server sees itself as its host');
    await read(answer);
  });

  it('carries large bodies both ways, byte for byte', async () => {
    const opened = await forward((await serve(httpServer)).port);
    const large = randomBytes(scaled(harness, 50_000_000));
    const back = await bytesOf(await ask(opened, { body: large }));
    assert.equal(back.equals(large), true);
  });

  it('carries 50 connections at once', async () => {
    const opened = await forward((await serve(httpServer)).port);
    const bodies = Array.from({ length: 50 }, (_, at) => Buffer.from(`body ${at}`.repeat(10_000)));
    const answers = await Promise.all(bodies.map((body) => ask(opened, { body })));
    const texts = await Promise.all(answers.map(read));
    assert.deepEqual(texts, bodies.map(String));
  });

  it('gives server-sent events as they come', async () => {
    const opened = await forward((await serve(httpServer)).port);
    const events = (await ask(opened, { path: '/events' }))[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    assert.equal(String((await events.next()).value), 'data: first\n\n');
    await read(await ask(opened, { path: '/more' }));
    assert.equal(String((await events.next()).value), 'data: second\n\n');
    assert.equal((await events.next()).done, true);
  });

  it('reaches a WebSocket server', async () => {
    const { localPort, headers } = await forward((await serve(webSocketServer)).port);
    const socket = connect({ host: '127.0.0.1', port: localPort });
    cleanups.push(() => socket.destroy());
    const key = randomBytes(16).toString('base64');
    socket.write(
      `GET / HTTP/1.1\r\nHost: ${headers.host}\r\nCookie: ${headers.cookie}\r\n` +
        'Upgrade: websocket\r\nConnection: Upgrade\r\n' +
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
    const web = await serve(httpServer, '::1');
    assert.equal((await ask(await forward(web.port))).statusCode, 200);
  });

  it('says where nothing listens', async () => {
    const { port, end } = await serve(countingServer);
    await end();
    const refused = (error: unknown) => error instanceof AirlockError && error.problem.id === 'not-found';
    await assert.rejects(sandbox().dial(port, never), refused);
    const answer = await ask(await forward(port));
    assert.equal(answer.statusCode, 502);
    assert.match(await read(answer), /Nothing listens/);
  });

  it('reaches a server that was restarted, by the same forward', async () => {
    const first = await serve(httpServer);
    const opened = await forward(first.port);
    assert.equal((await ask(opened)).statusCode, 200);
    await first.end();
    assert.equal((await ask(opened)).statusCode, 502);
    const again = httpServer.replace('server.listen(0,', `server.listen(${first.port},`);
    await serve(again);
    assert.equal((await ask(opened)).statusCode, 200);
  });

  it('refuses a foreign host, a missing token and that of another session', async () => {
    const { port } = await serve(httpServer);
    const [one, other] = [await forward(port), await forward(port, 's-other.localhost')];
    const status = async (headers: OutgoingHttpHeaders) => (await ask(one, { headers })).statusCode;
    assert.equal(await status({}), 200);
    assert.equal(await status({ host: `evil.example:${one.localPort}` }), 421);
    assert.equal(await status({ host: `localhost:${one.localPort}` }), 421);
    assert.equal(await status({ host: other.authority }), 421);
    assert.equal(await status({ cookie: '' }), 403);
    assert.equal(await status({ cookie: other.headers.cookie }), 403);
  });

  it('refuses other users of this machine, whatever they know', async function () {
    if (process.platform !== 'linux') skipBecause(this, 'not Linux: the other end of a connection is not told');
    if (process.getuid?.() !== 0) skipBecause(this, 'not root: nobody else can be');
    const opened = await forward((await serve(httpServer)).port);
    const { host, cookie } = opened.headers;
    const text = `GET / HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`;
    const own = await sendAs('self', opened.localPort, text);
    assert.match(own.got, /^HTTP\/1\.1 200 /);
    const other = await sendAs('other', opened.localPort, text);
    assert.notEqual(other.uid, own.uid);
    assert.equal(other.got, '');
    const raw = await openRawForward(sandbox(), { port: (await serve(countingServer)).port });
    cleanups.push(() => raw.close());
    assert.equal((await sendAs('other', raw.localPort, 'x')).got, '');
  });

  it('is gone once it is closed: listener and connections', async () => {
    const { port } = await serve(httpServer);
    const opened = await forward(port);
    const events = await ask(opened, { path: '/events' });
    const ended = new Promise((resolve) => events.on('close', resolve));
    events.on('error', () => undefined).resume();
    await opened.close();
    await ended;
    const [error] = (await once(connect({ host: '127.0.0.1', port: opened.localPort }), 'error')) as [
      NodeJS.ErrnoException,
    ];
    assert.equal(error.code, 'ECONNREFUSED');
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
