import assert from 'node:assert/strict';
import { createServer as createPlain } from 'node:http';
import { createServer as createRaw } from 'node:net';
import { createServer as createTls } from 'node:tls';
import { inGuest, relPath } from '../../src/core/paths.ts';
import type { Egress } from '../../src/core/network/egress.ts';
import type { Sandbox } from '../../src/core/sandbox.ts';
import { certificateFor } from '../support/network/certificate.ts';
import { askPlain, askRaw, askTls, holdOpen } from './asking.ts';
import { ListGate } from '../support/network/gate.ts';
import { type Harness, never } from './harness.ts';
import { bytesOf, eventually, request, run, sh, Watched } from './running.ts';

const plain = 'plain.example.com';
const sealed = 'sealed.example.com';
const other = 'other.example.com';
const raw = 'raw.example.com';

/** What programs inside reach of the network, and what not. */
export function networkChapter({ world }: Harness, sandbox: () => Sandbox): void {
  let egress: Egress | undefined;
  const node = async (program: string, ...args: string[]): Promise<string> =>
    (await run(sandbox(), ['node', '-e', program, ...args])).out.trim();
  const open = async (...hosts: string[]): Promise<ListGate> => {
    const gate = new ListGate(...hosts);
    egress = await sandbox().openEgress?.(gate);
    assert.ok(egress, 'a sandbox with a list can open it');
    return gate;
  };
  const certificateInside = () => inGuest(sandbox().workspaceRoot, relPath('network-test.pem'));

  before(async function () {
    if (world === undefined) return;
    const answering = createPlain((asked, answer) => {
      answer.setHeader('x-host', asked.headers.host ?? '');
      if (asked.method === 'POST') asked.pipe(answer);
      else
        answer.end(`${asked.headers.host ?? ''}${asked.url ?? ''} ${'x-drop' in asked.headers ? 'kept' : 'dropped'}`);
    });
    const certificate = await certificateFor(sealed, other);
    const echo = createTls({ ...certificate, allowHalfOpen: true }, (socket) => socket.pipe(socket));
    await world.serve(answering, 80, plain);
    await world.serve(echo, 443, sealed, other);
    const silent = createRaw((socket) => {
      socket.on('error', () => undefined).write('banner');
    });
    await world.serve(silent, 9000, raw);
    const bytes = bytesOf(certificate.cert);
    const written = await run(sandbox(), ['sh', '-c', 'cat >"$1"', 'sh', certificateInside()], { stdin: bytes });
    assert.deepEqual(written.outcome, { kind: 'exited', code: 0 });
  });

  afterEach(async () => {
    await egress?.close();
    egress = undefined;
  });

  after(async () => {
    await world?.close();
  });

  it('says what it keeps to, and reaches nothing while nobody allows anything', async () => {
    const { egress: kind } = sandbox().caps;
    assert.equal(sandbox().openEgress !== undefined && kind !== 'none', kind === 'allow-list');
    // Where all is open there is nothing to be tried: it is told in so many words.
    if (kind === 'open') return;
    assert.equal(await sh(sandbox(), 'env | grep -i proxy || true'), '');
    assert.match(await node(askPlain, `http://${plain}/`), /^error ECONNREFUSED/);
    const direct = `require('net').connect(443, '93.184.216.34').on('error', (e) => console.log(e.code)).on('connect', () => console.log('LEAK'))`;
    assert.match(await node(direct), /^(ENETUNREACH|EPERM|EACCES)/);
    const name = `require('dns').lookup('${plain}', (error) => console.log(error ? error.code : 'LEAK'))`;
    assert.doesNotMatch(await node(name), /LEAK/);
  });

  if (world === undefined) return;

  it('reaches an allowed host, plain and sealed, and no other', async () => {
    const gate = await open(plain, sealed);
    assert.equal(await node(askPlain, `http://${plain}/path?q=1`), `200 ${plain}/path?q=1 dropped`);
    assert.equal(await node(askTls, `${sealed}:443`, sealed, certificateInside(), '3000000'), 'got 3000000');
    const before = world.lookedUp.length;
    assert.match(await node(askPlain, `http://${other}/`), /^403 .*not on the list/);
    assert.equal(await node(askTls, `${other}:443`, other, certificateInside()), '403');
    assert.equal(await node(askTls, `${sealed}:8443`, sealed, certificateInside()), '403');
    assert.equal(world.lookedUp.length, before, 'what is not allowed is not even looked up');
    assert.deepEqual(gate.of(other), ['refused: not-allowed', 'refused: not-allowed']);
    await eventually(() => Promise.resolve(gate.of(sealed)[0] === 'closed'));
    const [sent] = [...gate.heard.values()].filter(({ target }) => target.host === sealed);
    assert.ok((sent?.sent ?? 0) > 3_000_000 && (sent?.received ?? 0) > 3_000_000, 'bytes both ways are counted');
  });

  it('passes bodies on as they are', async () => {
    await open(plain);
    const body = 'line\n'.repeat(20_000).trim();
    assert.equal(await node(askPlain, `http://${plain}/`, body), `200 ${body}`);
  });

  it('refuses a connection that greets another host than it asked for', async () => {
    const gate = await open(sealed, other);
    assert.match(await node(askTls, `${sealed}:443`, other, certificateInside()), /^(closed|error|got 0)/);
    await eventually(() => Promise.resolve(gate.of(sealed)[0] === 'refused: other-name'));
  });

  it('never dials what is not public, whatever the name', async () => {
    const places = { 'a.example.com': '127.0.0.1', 'b.example.com': '169.254.169.254', 'c.example.com': '192.168.1.1' };
    const hidden = { 'd.example.com': '::ffff:127.0.0.1', 'e.example.com': '64:ff9b::7f00:1', 'f.example.com': '::1' };
    for (const [host, address] of Object.entries({ ...places, ...hidden })) world.name(host, '93.184.216.99', address);
    const gate = await open('*.example.com');
    const before = world.dialled.length;
    for (const host of Object.keys({ ...places, ...hidden })) {
      assert.match(await node(askPlain, `http://${host}/`), /^403 /);
    }
    assert.equal(world.dialled.length, before);
    const found = Object.keys({ ...places, ...hidden }).flatMap((host) => gate.of(host));
    const loopback = 'refused: loopback';
    assert.deepEqual(found, [loopback, 'refused: link-local', 'refused: private', loopback, loopback, loopback]);
  });

  it('ends what is open when its host is taken back, and spares the rest', async () => {
    const gate = await open(`${raw}:9000`, plain);
    const watched = new Watched(sandbox().exec(request(sandbox(), ['node', '-e', holdOpen, `${raw}:9000`])));
    await watched.saw('open 200');
    gate.allow(plain);
    egress?.recheck();
    await watched.saw('closed');
    await watched.finished;
    assert.match(await node(askPlain, `http://${raw}:9000/`), /^403/);
    assert.match(await node(askPlain, `http://${plain}/`), /^200/);
  });

  it('takes effect on what starts from then on, without a restart, and ends with whoever opened it', async () => {
    const { incarnation } = sandbox();
    await open(plain);
    assert.match(
      await sh(sandbox(), 'echo $HTTPS_PROXY $npm_config_proxy $PIP_PROXY'),
      /^(http:\/\/127\.0\.0\.1:\d+ ?){3}/,
    );
    await egress?.close();
    assert.equal(sandbox().incarnation, incarnation);
    await eventually(async () => (await sh(sandbox(), 'env | grep -i proxy || true')) === '');
    assert.match(await node(askPlain, `http://${plain}/`), /^error ECONNREFUSED/);
    await open(plain);
    assert.match(await node(askPlain, `http://${plain}/`), /^200/);
  });

  it('is no port of a program’s and no socket in a folder', async () => {
    await open(plain);
    const controller = new AbortController();
    for await (const list of sandbox().listeners(controller.signal)) {
      assert.deepEqual(list, []);
      controller.abort();
    }
    const found = await sh(
      sandbox(),
      'find / -xdev -type s 2>/dev/null; find /run /tmp /workspace -type s 2>/dev/null; true',
    );
    assert.equal(found, '');
  });

  it('survives whatever is sent to it', async () => {
    const gate = await open(plain);
    const lines = [
      'CONNECT',
      'CONNECT  HTTP/1.1\r\n\r\n',
      'CONNECT 127.0.0.1:80 HTTP/1.1\r\n\r\n',
      'CONNECT [::1]:80 HTTP/1.1\r\n\r\n',
      'CONNECT 2130706433:80 HTTP/1.1\r\n\r\n',
      `CONNECT ${plain}:99999 HTTP/1.1\r\n\r\n`,
      `CONNECT ${plain}\0:80 HTTP/1.1\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost: ${plain}\r\n\r\n`,
      `GET https://${plain}/ HTTP/1.1\r\nHost: ${plain}\r\n\r\n`,
      `GET http://user@${plain}/ HTTP/1.1\r\nHost: ${plain}\r\n\r\n`,
      `GET http://${plain}/ HTTP/1.1\r\nHost: a\r\n${'x: y\r\n'.repeat(20_000)}\r\n`,
      `POST http://${plain}/ HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      '\0\xff\x16\x03\x01'.repeat(100),
    ];
    const stdin = bytesOf(lines.map((text) => `${JSON.stringify(text)}\n`).join(''));
    const { out } = await run(sandbox(), ['node', '-e', askRaw], { stdin });
    const answers = JSON.parse(out) as string[];
    assert.deepEqual(
      answers.filter((answer) => answer.includes(' 200 ')),
      [],
    );
    assert.ok(
      gate.of(plain).every((state) => state.startsWith('refused')),
      'none of it went out',
    );
    assert.match(await node(askPlain, `http://${plain}/`), /^200/);
  });

  it('serves many at once', async () => {
    await open(plain);
    const many = 'for i in $(seq 60); do node -e "$1" "$2/$i" & done; wait';
    const out = await sh(sandbox(), many, askPlain, `http://${plain}`);
    assert.equal(out.split('\n').filter((line) => line.startsWith('200 ')).length, 60);
  });

  it('is shut after a stop, and can be opened again after a start', async () => {
    await open(plain);
    assert.equal((await sandbox().stop(never)).kind, 'done');
    assert.equal((await sandbox().start(never)).kind, 'done');
    assert.equal(await sh(sandbox(), 'env | grep -i proxy || true'), '');
    await open(plain);
    assert.match(await node(askPlain, `http://${plain}/`), /^200/);
  });
}
