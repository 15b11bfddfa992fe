import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { WebSocket } from 'ws';
import type { CelestoDouble } from '../../support/celesto/double.ts';
import { defaultKnobs } from '../../support/celesto/knobs.ts';
import { eventually } from '../../support/vscode/eventually.ts';
import { ask, Attached, made, run } from './asking.ts';
import { doubleFor, endDouble } from './judged.ts';

/** A WebSocket server for inside: it answers every short message with the same one. */
const echoServer = `
import base64, hashlib, http.server
class Echo(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        key = self.headers["Sec-WebSocket-Key"]
        if key is None:
            body = ("host " + self.headers["Host"]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            return
        accept = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(accept).decode())
        self.end_headers()
        self.close_connection = True
        while (head := self.rfile.read(2)) and head[0] & 15 != 8:
            mask = self.rfile.read(4)
            text = bytes(b ^ mask[i % 4] for i, b in enumerate(self.rfile.read(head[1] & 127)))
            self.wfile.write(bytes([head[0], len(text)]) + text)
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[::-1])
http.server.ThreadingHTTPServer(("127.0.0.1", 8000), Echo).serve_forever()
`;

describe("the double's gateway and published ports", function () {
  this.timeout(240_000);
  let started: CelestoDouble | undefined;
  let computer = '';
  before(async function () {
    started = await doubleFor(this);
    computer = await made(started);
  });
  after(() => endDouble(started));
  const double = () => started ?? assert.fail('There is no double.');
  afterEach(() => {
    if (started !== undefined) Object.assign(started.knobs, defaultKnobs());
  });
  const authorize = (terminal_id?: string) =>
    ask(double(), 'POST', `${computer}/terminals`, terminal_id === undefined ? {} : { terminal_id });
  const attach = async (terminal_id?: string) => Attached.to(await authorize(terminal_id));
  const gone = (id: string) =>
    eventually(
      () =>
        Promise.resolve(
          !double()
            .terminals(computer.split('/').at(-1) ?? '')
            .includes(id) || undefined,
        ),
      'its end',
    );

  it('lets a token in once, for its time, with the address as it was given', async () => {
    const first = await authorize();
    const attached = await Attached.to(first);
    await attached.shows('$ ');
    await assert.rejects(Attached.to(first));
    const id = String(first.body['terminal_id']);
    const cut = await authorize(id);
    const url = String(cut.body['gateway_url']).split('?')[0];
    await assert.rejects(Attached.to({ body: { ...cut.body, gateway_url: url } }));
    await assert.rejects(Attached.to({ body: { ...cut.body, token: 'wrong' } }));
    double().knobs.tokenMs = -1;
    await assert.rejects(attach(id));
    assert.equal((await authorize('term_unknown')).status, 404);
    attached.say('{"type":"close"}');
    assert.equal((await attached.closed).code, 1000);
    await gone(id);
    assert.equal((await authorize(id)).status, 404);
  });

  it('takes keys as binary and as text, sizes as text alone, and outlives a detach', async () => {
    const first = await authorize();
    const id = String(first.body['terminal_id']);
    const attached = await Attached.to(first);
    attached.say('{"type":"resize","cols":101,"rows":33}');
    attached.say('until [ "$(stty size)" = "33 101" ]; do sleep 0.1; done; KEPT=here; echo "si""zed"\n');
    await attached.shows('sized');
    attached.type('{"type":"resize","cols":99,"rows":9}\n');
    attached.type('(sleep 0.2; echo "mis""sed") &\n');
    await attached.shows('not found');
    await attached.detach();
    const other = await attach(id);
    await other.shows('missed');
    other.type('echo "$KEPT again $(stty size)"\n');
    await other.shows('here again 33 101');
    const third = await attach(id);
    assert.deepEqual(await other.closed, { code: 4001, reason: 'attached elsewhere' });
    third.type('exit\n');
    assert.deepEqual(await third.closed, { code: 1000, reason: 'shell ended' });
  });

  it('carries bytes as they are both ways, and as text where it is told to', async () => {
    const attached = await attach();
    const bytes = randomBytes(3_000_000);
    const sum = createHash('sha256').update(bytes).digest('hex');
    attached.type(
      `stty raw -echo; printf re''ady; head -c ${bytes.length} > got; sha256sum got; cat got; printf en''d\n`,
    );
    await attached.shows('ready');
    for (let at = 0; at < bytes.length; at += 65_536) attached.type(bytes.subarray(at, at + 65_536));
    await attached.shows(sum);
    await attached.shows('end');
    assert.ok(attached.output.includes(bytes));
    assert.ok(attached.kinds.has(true));
    attached.type(Buffer.alloc(65_537));
    assert.equal((await attached.closed).code, 1009);
    double().knobs.terminalFrames = 'text';
    double().knobs.terminalFrameBytes = 3;
    const text = await attach();
    text.type("stty raw -echo; printf '\\xff\\303'; printf '\\251en''d'\n");
    await text.shows('end');
    assert.ok(text.output.includes('\ufffdéend'));
    assert.deepEqual([[...text.kinds], text.longest <= 5], [[false], true]);
    text.say('{"type":"close"}');
    await text.closed;
  });

  it('breaks a connection after some bytes or some silence, and lets a caller back in', async () => {
    const first = await authorize();
    const id = String(first.body['terminal_id']);
    double().knobs.terminalCutBytes = 100_000;
    const cut = await Attached.to(first);
    cut.type("head -c 1000000 /dev/zero | tr '\\0' a; echo; echo fini''shed; touch finished\n");
    assert.equal((await cut.closed).code, 1006);
    assert.ok(cut.output.length <= 100_000);
    double().knobs.terminalCutBytes = 0;
    await eventually(async () => (await run(double(), computer, 'ls')).includes('finished') || undefined, 'its end');
    // The way there is asked for, and gone, before so much silence.
    double().knobs.idleCutMs = 3000;
    const silent = await attach(id);
    await silent.shows('finished');
    assert.equal((await silent.closed).code, 1006);
    Object.assign(double().knobs, { idleCutMs: 0, reattach: 'nothing' });
    const back = await attach(id);
    back.type('echo ba""ck; exit\n');
    await back.closed;
    assert.ok(back.output.includes('back') && !back.output.includes('finished'));
  });

  it('ends a terminal with its computer, and not as a shell that ended', async () => {
    const attached = await attach();
    await attached.shows('$ ');
    double().knobs.syncTransitions = true;
    await ask(double(), 'POST', `${computer}/stop`);
    assert.equal((await attached.closed).code, 1011);
    await ask(double(), 'POST', `${computer}/start`);
  });

  it('hands HTTP and WebSocket on to a published port, and says 502 where nothing listens', async () => {
    await run(double(), computer, `cat > echo.py <<'END'\n${echoServer}\nEND`);
    const { body } = await ask(double(), 'POST', `${computer}/published-ports`, { port: 8000 });
    const url = String(body['url']);
    assert.equal((await fetch(url)).status, 502);
    await run(double(), computer, 'setsid python3 echo.py >/dev/null 2>&1 &');
    const served = await eventually(async () => {
      const answer = await fetch(url);
      return answer.status === 200 ? answer.text() : undefined;
    }, 'the server inside');
    assert.equal(served, `host ${new URL(url).host}`);
    const posted = await fetch(url, { method: 'POST', body: 'abc' });
    assert.deepEqual([posted.status, await posted.text()], [201, 'cba']);
    const socket = new WebSocket(url.replace('http', 'ws'), { perMessageDeflate: false });
    await new Promise((resolve) => socket.once('open', resolve));
    const echoed = new Promise((resolve) => socket.once('message', (data: Buffer) => resolve(data.toString())));
    socket.send('through the port');
    assert.equal(await echoed, 'through the port');
    const dropped = new Promise((resolve) => socket.once('close', resolve));
    await ask(double(), 'DELETE', `${computer}/published-ports/8000`);
    await dropped;
    await assert.rejects(fetch(url));
  });
});

describe("the double's line to its callers", function () {
  this.timeout(240_000);
  let started: CelestoDouble | undefined;
  before(async function () {
    started = await doubleFor(this, { rttMs: 40, bitsPerSecond: 80_000_000 });
  });
  after(() => endDouble(started));

  it('delays and slows every byte of every protocol, and changes none', async () => {
    const double = started ?? assert.fail('There is no double.');
    const computer = await made(double);
    const before = performance.now();
    await ask(double, 'GET', computer);
    // No promise of speed: less than one round trip cannot be.
    assert.ok(performance.now() - before >= 40);
    const { body } = await ask(double, 'POST', `${computer}/exec`, { command: 'seq 200000' });
    const numbers = Array.from({ length: 200_000 }, (_, index) => `${index + 1}\n`).join('');
    assert.ok(body['stdout'] === numbers);
    const attached = await Attached.to(await ask(double, 'POST', `${computer}/terminals`));
    const bytes = randomBytes(1_000_000);
    attached.type(`stty raw -echo; printf re''ady; head -c ${bytes.length} | sha256sum; printf en''d\n`);
    await attached.shows('ready');
    const sent = performance.now();
    for (let at = 0; at < bytes.length; at += 65_536) attached.type(bytes.subarray(at, at + 65_536));
    await attached.shows('end');
    assert.ok(performance.now() - sent >= 100);
    assert.ok(attached.output.includes(createHash('sha256').update(bytes).digest('hex')));
    const { received, sent: answered } = double.traffic();
    assert.ok(received > bytes.length && answered > numbers.length);
  });
});
