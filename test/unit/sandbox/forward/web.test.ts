import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Forwarded } from '../../../../src/core/ports/forwarding.ts';
import { fail } from '../../../../src/core/problem.ts';
import { openWebForward } from '../../../../src/sandbox/forward/index.ts';
import { cookieFor } from '../../../support/ports/browser.ts';
import { dialHere } from '../../../support/tcpPipe.ts';
import { all, Place } from './place.ts';

const name = 's-one.localhost';
const token = 'secret-of-the-session';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

describe('the forward for web pages', () => {
  const place = new Place();
  afterEach(() => place.clear());

  const open = async (port: number, dial: typeof dialHere = dialHere): Promise<Forwarded> =>
    place.keep(await openWebForward({ dial }, { port, name, token }));
  const ask = async (
    forward: Forwarded,
    headers: OutgoingHttpHeaders,
    { path = '/', method = 'GET', body = '' } = {},
  ): Promise<Answer> => {
    const given = { host: forward.authority, ...headers };
    const asked = request({ host: '127.0.0.1', port: forward.localPort, path, method, headers: given, agent: false });
    asked.end(body);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    let text = '';
    for await (const bytes of answer) text += String(bytes);
    return { status: answer.statusCode ?? 0, headers: answer.headers, text };
  };
  const cookie = `airlock-session=${token}`;
  /** A server that tells what it was asked. */
  const telling = () =>
    place.serveHttp((asked, answer) => {
      answer.end(JSON.stringify({ url: asked.url, headers: asked.headers }));
    });
  const seen = ({ text }: Answer) => JSON.parse(text) as { url: string; headers: IncomingHttpHeaders };

  it('answers to its own name only', async () => {
    const port = await telling();
    const forward = await open(port);
    const own = forward.localPort;
    assert.equal(forward.authority, `${name}:${own}`);
    assert.equal((await ask(forward, { cookie, host: `S-One.LocalHost:${own}` })).status, 200);
    for (const host of [
      'evil.example',
      `evil.example:${own}`,
      `localhost:${own}`,
      `127.0.0.1:${own}`,
      name,
      `${name}:${port}`,
      `s-two.localhost:${own}`,
      `x.${name}:${own}`,
    ]) {
      assert.equal((await ask(forward, { cookie, host })).status, 421, host);
    }
  });

  it('lets in who holds the token, and nobody else', async () => {
    const forward = await open(await telling());
    assert.equal((await ask(forward, {})).status, 403);
    assert.equal((await ask(forward, { cookie: 'airlock-session=secret-of-another-one' })).status, 403);
    assert.equal((await ask(forward, { cookie: `airlock-session=${token}x` })).status, 403);
    assert.equal((await ask(forward, { cookie: `other=1; ${cookie}` })).status, 200);
  });

  it('gives the token to one browser, once, and keeps it from what runs inside', async () => {
    const forward = await open(await telling());
    const { pathname } = new URL(forward.address('/deep?a=1&b="2"'));
    const first = await ask(forward, {}, { path: `${pathname}?added=by-a-browser` });
    assert.equal(first.headers['set-cookie']?.[0], `${cookie}; Path=/; HttpOnly; SameSite=Strict`);
    assert.match(first.text, /url=\/deep\?a=1%26b=%222%22"/);
    assert.equal((await ask(forward, {}, { path: pathname })).status, 403);
    assert.equal((await ask(forward, {}, { path: pathname, method: 'POST' })).status, 403);
    const again = await ask(forward, { cookie }, { path: `${pathname}?added=by-a-browser` });
    assert.match(again.text, /url=\/deep/, 'a reload of the page leads on');
    const answer = seen(await ask(forward, { cookie: `a=1; ${cookie}; b=2` }));
    assert.equal(answer.headers.cookie, 'a=1; b=2');
    assert.equal(seen(await ask(forward, { cookie })).headers.cookie, undefined);
  });

  it('leads on within the same origin, whatever the path looks like', async () => {
    const forward = await open(await telling());
    for (const path of ['//evil.example/x', '///evil.example/x', 'evil.example/x']) {
      const { pathname } = new URL(forward.address(path));
      assert.match((await ask(forward, {}, { path: pathname })).text, /url=\/evil\.example\/x"/);
    }
  });

  it('keeps the cookie of a frame apart by the page around it', async () => {
    const forward = await open(await telling());
    const { pathname } = new URL(forward.address('/'));
    const framed = await ask(forward, { 'sec-fetch-dest': 'iframe' }, { path: pathname });
    assert.match(framed.headers['set-cookie']?.[0] ?? '', /SameSite=None; Secure; Partitioned$/);
  });

  it('refuses what pages of other sites ask in the background', async () => {
    const forward = await open(await telling());
    const foreign = { cookie, 'sec-fetch-site': 'cross-site' };
    assert.equal((await ask(forward, { ...foreign, 'sec-fetch-mode': 'no-cors' })).status, 403);
    assert.equal((await ask(forward, { ...foreign, 'sec-fetch-mode': 'websocket' })).status, 403);
    assert.equal((await ask(forward, { ...foreign, 'sec-fetch-mode': 'navigate' })).status, 200);
  });

  it('shows servers a browser of the sandbox itself', async () => {
    const port = await telling();
    const forward = await open(port);
    const own = `http://${forward.authority}`;
    const headers = { cookie, origin: own, referer: `${own}/page?x`, 'x-forwarded-host': 'a', forwarded: 'for=b' };
    const inside = seen(await ask(forward, headers)).headers;
    assert.equal(inside.host, `localhost:${port}`);
    assert.equal(inside.origin, `http://localhost:${port}`);
    assert.equal(inside.referer, `http://localhost:${port}/page?x`);
    assert.deepEqual([inside['x-forwarded-host'], inside['forwarded']], [undefined, undefined]);
    assert.equal(
      seen(await ask(forward, { cookie, origin: 'http://evil.example' })).headers.origin,
      'http://evil.example',
    );
  });

  it('answers by the name that an outer proxy gives it, once an address was made for that', async () => {
    const forward = await open(await telling());
    const outer = `${forward.localPort}.code.example.com`;
    assert.equal((await ask(forward, { cookie, host: outer })).status, 421);
    assert.match(forward.address('/', `https://${outer}`), /^https:\/\/\d+\.code\.example\.com\/\.airlock\/open\//);
    assert.equal(seen(await ask(forward, { cookie, host: outer, origin: `https://${outer}` })).url, '/');
  });

  it('keeps redirects here and cookies with this session', async () => {
    const port = await place.serveHttp((asked, answer) => {
      const to = new URL(asked.url ?? '/', 'http://x').searchParams.get('to') ?? '';
      answer.setHeader('set-cookie', [
        'a=1; Domain=localhost; Path=/',
        `airlock-session=mine`,
        'b=2; domain=code.example.com',
      ]);
      answer.writeHead(302, { location: to }).end();
    });
    const forward = await open(port);
    const to = async (location: string) =>
      (await ask(forward, { cookie }, { path: `/?to=${encodeURIComponent(location)}` })).headers;
    assert.equal((await to(`http://localhost:${port}/x?y`)).location, '/x?y');
    assert.equal((await to(`http://127.0.0.1:${port}`)).location, '/');
    assert.equal((await to('/x')).location, '/x');
    assert.equal((await to('http://localhost:1/x')).location, 'http://localhost:1/x');
    assert.equal(
      (await to(`http://localhost:${port}.evil.example/`)).location,
      `http://localhost:${port}.evil.example/`,
    );
    assert.deepEqual((await to('/'))['set-cookie'], ['a=1; Path=/', 'b=2']);
  });

  it('carries requests with bodies, one after the other and at once', async () => {
    const forward = await open(await place.serveHttp((asked, answer) => void asked.pipe(answer)));
    const bodies = Array.from({ length: 20 }, (_, at) => `${at}`.repeat(10_000));
    const answers = await Promise.all(bodies.map((body) => ask(forward, { cookie }, { method: 'POST', body })));
    assert.deepEqual(
      answers.map(({ text }) => text),
      bodies,
    );
  });

  it('looks at every request of a connection, also at those sent ahead', async () => {
    const forward = await open(await telling());
    const own = `Host: ${forward.authority}\r\nCookie: ${cookie}\r\n`;
    const socket = place.connect(forward.localPort);
    socket.write(
      `GET /one HTTP/1.1\r\n${own}\r\nGET /two HTTP/1.1\r\n${own}\r\nGET /three HTTP/1.1\r\nHost: evil\r\n\r\n`,
    );
    const text = await all(socket);
    assert.match(text, /"url":"\/one".*"url":"\/two"/s);
    assert.match(text, /HTTP\/1\.1 421 [^]*$/);
    assert.ok(!text.includes('/three'));
  });

  it('lets nothing in that is no plain request, and reaches no server for it', async () => {
    let reached = 0;
    const forward = await open(await place.serve(() => (reached += 1)));
    const own = `Host: ${forward.authority}\r\nCookie: ${cookie}`;
    for (const head of [
      `GET / HTTP/1.1\r\n${own}\r\nHost: evil.example\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost: evil.example\r\n${own}\r\n\r\n`,
      `GET / HTTP/1.1\r\nX: y\r\n ${own}\r\n\r\n`,
      'GET / HTTP/1.1\r\n\r\n',
      `\x16\x03\x01\r\n${own}\r\n\r\n`,
      `GET http://${forward.authority}/ HTTP/1.1\r\n${own}\r\n\r\n`,
    ]) {
      const socket = place.connect(forward.localPort);
      socket.end(head);
      assert.match(await all(socket), /^HTTP\/1\.1 4(00|21) /, head);
    }
    assert.equal(reached, 0);
  });

  it('goes on as bytes of another protocol after an upgrade, and only then', async () => {
    const port = await place.serve((socket) => {
      socket.once('data', (bytes) => {
        const isWelcome = bytes.includes('/yes');
        socket.write(
          isWelcome
            ? 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nhello '
            : 'HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n',
        );
        if (isWelcome) socket.pipe(socket);
      });
    });
    const forward = await open(port);
    const head = `Host: ${forward.authority}\r\nCookie: ${cookie}\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n`;
    const socket = place.connect(forward.localPort);
    socket.write(`GET /yes HTTP/1.1\r\n${head}first`);
    let text = '';
    for await (const bytes of socket) {
      text += String(bytes);
      if (text.endsWith('hello first')) socket.end(' second');
    }
    assert.match(text, /^HTTP\/1\.1 101 .*\r\n\r\nhello first second$/s);
    const refused = place.connect(forward.localPort);
    refused.write(`GET /no HTTP/1.1\r\n${head}`);
    refused.end('GET / HTTP/1.1\r\nHost: evil\r\n\r\n');
    assert.match(await all(refused), /^HTTP\/1\.1 404 .*HTTP\/1\.1 421 /s);
  });

  it('says where nothing listens, and where what listens speaks no HTTP', async () => {
    const nothing = await open(9, () => fail('not-found', 'Nothing listens there.'));
    const closed = await ask(nothing, { cookie });
    assert.equal(closed.status, 502);
    assert.match(closed.text, /Nothing listens/);
    const odd = await open(await place.serve((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n\r\n')));
    assert.equal((await ask(odd, { cookie })).status, 502);
  });

  it('hangs up when the server does, so that no request is lost on a dead connection', async () => {
    const port = await place.serve((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'));
    });
    const forward = await open(port);
    const socket = place.connect(forward.localPort);
    socket.write(`GET / HTTP/1.1\r\nHost: ${forward.authority}\r\nCookie: ${cookie}\r\n\r\n`);
    assert.match(await all(socket), /hi$/);
  });

  it('tells the server when a client leaves an endless answer', async () => {
    const left = Promise.withResolvers<undefined>();
    const port = await place.serveHttp((asked, answer) => {
      answer.writeHead(200, { 'content-type': 'text/event-stream' });
      answer.write('data: first\n\n');
      asked.on('close', () => left.resolve(undefined));
    });
    const forward = await open(port);
    const socket = place.connect(forward.localPort);
    socket.write(`GET / HTTP/1.1\r\nHost: ${forward.authority}\r\nCookie: ${cookie}\r\n\r\n`);
    await once(socket, 'data');
    socket.destroy();
    await left.promise;
  });

  it('gives the test client a cookie as it gives it to browsers', async () => {
    assert.equal(await cookieFor(await open(9)), cookie);
  });

  it('closes with the session: listener and connections', async () => {
    const session = new AbortController();
    const port = await place.serveHttp((_, answer) => void answer.write('endless'));
    const options = { port, name, token, signal: session.signal };
    const forward = place.keep(await openWebForward({ dial: dialHere }, options));
    const socket: Socket = place.connect(forward.localPort);
    socket.write(`GET / HTTP/1.1\r\nHost: ${forward.authority}\r\nCookie: ${cookie}\r\n\r\n`);
    await once(socket, 'data');
    socket.on('error', () => undefined);
    const closed = once(socket.resume(), 'end');
    session.abort();
    await closed;
    const [error] = (await once(connect({ host: '127.0.0.1', port: forward.localPort }), 'error')) as [
      NodeJS.ErrnoException,
    ];
    assert.equal(error.code, 'ECONNREFUSED');
  });
});
