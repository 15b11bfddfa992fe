import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { WebSocket } from 'undici';
import { WebSocketServer } from 'ws';
import { callJson, CallFailed } from '../../../../src/sandbox/celesto/api/http.ts';
import { eventsOf } from '../../../../src/sandbox/celesto/api/sse.ts';
import { NetworkDispatcher } from '../../../../src/sandbox/common/dispatcher.ts';
import { networkSettings } from '../../../../src/sandbox/common/networkSettings.ts';
import { certificateFor, type Certificate } from '../../../support/network/certificate.ts';
import { listening } from '../../../support/network/listening.ts';
import { tunnelProxy, type TunnelProxy } from '../../../support/network/tunnelProxy.ts';

const asks = fileURLToPath(new URL('programs/asks.ts', import.meta.url));

/** Answers in JSON, in events where these are asked for, and echoes over WebSockets. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  if (request.headers.accept === 'text/event-stream') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: {"n":1}\n\n');
    setImmediate(() => response.end('data: {"n":2}\n\n'));
  } else {
    response.writeHead(200).end(JSON.stringify({ host: request.headers.host }));
  }
}

describe('requests through the network as the editor has it', () => {
  let certificate: Certificate;
  let secure: { readonly port: number; close(): Promise<void> };
  let plain: { readonly port: number; close(): Promise<void> };
  let proxy: TunnelProxy;
  let settings: Record<string, unknown> = {};
  let dispatcher: NetworkDispatcher;
  const folder = mkdtempSync(join(tmpdir(), 'airlock-certificates-'));

  before(async () => {
    certificate = await certificateFor('api.example', 'localhost');
    writeFileSync(join(folder, 'cert.pem'), certificate.cert);
    const server = createSecureServer(certificate, answer);
    new WebSocketServer({ server }).on('connection', (socket) => {
      socket.on('message', (data: Buffer) => socket.send(`echo ${data.toString()}`));
    });
    secure = await listening(server);
    plain = await listening(createServer(answer));
    proxy = await tunnelProxy(secure.port);
  });

  beforeEach(() => {
    proxy.asked.length = 0;
    proxy.refuseWith = undefined;
    settings = {};
    dispatcher = new NetworkDispatcher(() =>
      networkSettings(
        (id) => settings[id],
        () => undefined,
      ),
    );
  });

  afterEach(() => dispatcher.destroy());

  after(async () => {
    await Promise.all([proxy.close(), secure.close(), plain.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const byProxy = (more: Record<string, unknown> = {}) => ({
    'http.proxy': `http://127.0.0.1:${proxy.port}`,
    'http.proxyStrictSSL': false,
    ...more,
  });
  const get = async (origin: string, headers: Record<string, string> = {}) =>
    await dispatcher.request({ origin, path: '/', method: 'GET', headers });
  const code = async (asking: Promise<unknown>): Promise<unknown> =>
    await asking.then(
      () => 'answered',
      (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
    );

  it('leads HTTP, events and WebSockets through one proxy, with its credentials', async () => {
    settings = byProxy({ 'http.proxy': `http://me:secret@127.0.0.1:${proxy.port}` });
    const { body } = await get('https://api.example');
    assert.deepEqual(await body.json(), { host: 'api.example' });
    const events = await get('https://api.example', { accept: 'text/event-stream' });
    const told: unknown[] = [];
    for await (const event of eventsOf(events.body)) told.push(event);
    assert.deepEqual(told, [{ n: 1 }, { n: 2 }]);
    const socket = new WebSocket('wss://api.example/terminal', { dispatcher });
    await once(socket, 'open');
    socket.send('hello');
    const [message] = (await once(socket, 'message')) as [{ data: unknown }];
    assert.equal(message.data, 'echo hello');
    socket.close();
    assert.ok(proxy.asked.length >= 2);
    const authorization = `Basic ${Buffer.from('me:secret').toString('base64')}`;
    for (const one of proxy.asked) assert.deepEqual(one, { to: 'api.example:443', authorization });
  });

  it('sends the authorization of the setting', async () => {
    settings = byProxy({ 'http.proxyAuthorization': 'Bearer of-the-proxy' });
    await (await get('https://api.example')).body.dump();
    assert.equal(proxy.asked[0]?.authorization, 'Bearer of-the-proxy');
  });

  it('goes directly to this machine and to whom the settings name', async () => {
    settings = byProxy({ 'http.noProxy': ['.example'] });
    for (const host of ['127.0.0.1', 'localhost']) {
      await (await get(`http://${host}:${plain.port}`)).body.dump();
    }
    await assert.rejects(get('https://nobody.example'), 'no such name here');
    assert.deepEqual(proxy.asked, []);
  });

  it('follows settings that change', async () => {
    settings = byProxy();
    await (await get('https://api.example')).body.dump();
    settings = byProxy({ 'http.proxy': 'http://127.0.0.1:9' });
    assert.equal(await code(get('https://api.example')), 'ECONNREFUSED');
    settings = byProxy();
    await (await get('https://api.example')).body.dump();
    assert.equal(proxy.asked.length, 2);
  });

  it('refuses certificates that nobody trusts, unless they come by a proxy that need not be strict', async () => {
    settings = byProxy({ 'http.proxyStrictSSL': true });
    assert.equal(await code(get('https://api.example')), 'DEPTH_ZERO_SELF_SIGNED_CERT');
    settings = { 'http.proxyStrictSSL': false };
    assert.equal(await code(get(`https://localhost:${secure.port}`)), 'DEPTH_ZERO_SELF_SIGNED_CERT');
    settings = byProxy();
    await (await get('https://api.example')).body.dump();
  });

  it('trusts what this machine trusts, unless that is turned off, and what NODE_EXTRA_CA_CERTS adds', async function () {
    this.timeout(240_000);
    const url = `https://localhost:${secure.port}/`;
    const cert = join(folder, 'cert.pem');
    const run = async (env: Record<string, string>, given: Record<string, unknown>) => {
      const options = { env: { PATH: process.env['PATH'] ?? '', ...env } };
      const { stdout } = await promisify(execFile)(process.execPath, [asks, url, JSON.stringify(given)], options);
      return stdout.trim();
    };
    const good = JSON.stringify({ host: `localhost:${secure.port}` });
    const bad = 'DEPTH_ZERO_SELF_SIGNED_CERT';
    assert.equal(await run({}, {}), bad);
    assert.equal(await run({ NODE_EXTRA_CA_CERTS: cert }, {}), good);
    if (process.platform !== 'linux') return;
    // Where Linux keeps what it trusts is told by this variable.
    assert.equal(await run({ SSL_CERT_FILE: cert }, {}), good);
    assert.equal(await run({ SSL_CERT_FILE: cert }, { 'http.systemCertificates': false }), bad);
  });

  it('says in a sentence what the proxy said, and that nothing was sent', async () => {
    const call = () =>
      callJson(
        { origin: 'https://api.example', dispatcher, key: () => Promise.resolve('key'), log: () => undefined },
        {
          method: 'POST',
          path: '/computers',
          timeoutMs: 60_000,
          repeatable: false,
          signal: AbortSignal.timeout(120_000),
        },
      );
    const failsWith = (detail: RegExp) => (error: unknown) =>
      error instanceof CallFailed && detail.test(error.problem.detail) && error.problem.delivery === 'never-sent';
    settings = byProxy();
    proxy.refuseWith = 407;
    await assert.rejects(
      call(),
      failsWith(/proxy on the way to Celesto wants to know who you are \(407\).*http\.proxy/),
    );
    proxy.refuseWith = 403;
    await assert.rejects(call(), failsWith(/refuses it \(403\)/));
    settings = { 'http.proxy': 'socks4://127.0.0.1:1' };
    await assert.rejects(call(), failsWith(/of no kind that can be used/));
  });
});
