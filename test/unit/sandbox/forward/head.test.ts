import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { headBytes, parseRequest, parseResponse } from '../../../../src/sandbox/forward/head.ts';
import { Incoming } from '../../../../src/sandbox/forward/incoming.ts';

const request = (...lines: string[]) => parseRequest(lines.join('\r\n'));
const response = (...lines: string[]) => parseResponse(lines.join('\r\n'), 'GET');

describe('heads of requests and answers', () => {
  it('reads what it writes', () => {
    const parsed = request('GET /a?b HTTP/1.1', 'Host: x', 'X-Odd:\t a b \t', 'Empty:');
    assert.equal(parsed?.target, '/a?b');
    assert.deepEqual(
      parsed.fields.map(({ name, value }) => [name, value]),
      [
        ['Host', 'x'],
        ['X-Odd', 'a b'],
        ['Empty', ''],
      ],
    );
    assert.equal(
      headBytes('GET / HTTP/1.1', parsed.fields).toString(),
      'GET / HTTP/1.1\r\nHost: x\r\nX-Odd: a b\r\nEmpty: \r\n\r\n',
    );
  });

  it('takes nothing that two readers could understand in two ways', () => {
    const bad = [
      ['GET / HTTP/1.1', 'Content-Length: 3', 'Transfer-Encoding: chunked'],
      ['GET / HTTP/1.1', 'Content-Length: 3', 'Content-Length: 3'],
      ['GET / HTTP/1.1', 'Content-Length: 3, 3'],
      ['GET / HTTP/1.1', 'Content-Length: +3'],
      ['GET / HTTP/1.1', 'Content-Length: 0x3'],
      ['GET / HTTP/1.1', 'Transfer-Encoding: chunked, identity'],
      ['GET / HTTP/1.1', 'Transfer-Encoding: gzip'],
      ['GET / HTTP/1.1', 'Transfer-Encoding : chunked'],
      ['GET / HTTP/1.1', 'X: y', ' folded: z'],
      ['GET / HTTP/1.1', 'X: a\nContent-Length: 3'],
      ['GET / HTTP/1.1', 'X: a\rb'],
      ['GET / HTTP/1.1', 'X: a\0b'],
      ['GET / HTTP/1.1', 'no colon'],
      ['GET  / HTTP/1.1', 'Host: x'],
      ['GET http://x/ HTTP/1.1', 'Host: x'],
      ['CONNECT x:1 HTTP/1.1', 'Host: x'],
      ['GET / HTTP/2.0', 'Host: x'],
      ['get / HTTP/1.1', 'Host: x'],
      ['\x16\x03\x01'],
      [''],
    ];
    for (const lines of bad) assert.equal(request(...lines), undefined, JSON.stringify(lines));
    assert.equal(response('HTTP/1.1 200 OK', 'Content-Length: 1', 'Transfer-Encoding: chunked'), undefined);
    assert.equal(response('HTTP/1.1 2000 OK'), undefined);
    for (const reason of ['OK\nSet-Cookie: a=b', 'OK\rSet-Cookie: a=b', 'O\0K', 'O\x1bK', 'O\x7fK']) {
      assert.equal(response(`HTTP/1.1 200 ${reason}`), undefined, JSON.stringify(reason));
    }
    for (const start of ['HTTP/1.1 200', 'HTTP/1.1 200 ', 'HTTP/1.1 404 Nicht gefunden \xfc']) {
      assert.equal(response(start)?.start, start);
    }
    assert.equal(response('SSH-2.0-OpenSSH_9.2'), undefined);
  });

  it('tells how a body ends', () => {
    assert.deepEqual(request('POST / HTTP/1.1', 'Content-Length: 12')?.framing, { kind: 'length', bytes: 12 });
    assert.deepEqual(request('POST / HTTP/1.1', 'transfer-encoding: Chunked')?.framing, { kind: 'chunked' });
    assert.deepEqual(request('GET / HTTP/1.1')?.framing, { kind: 'length', bytes: 0 });
    assert.deepEqual(response('HTTP/1.1 200 OK')?.framing, { kind: 'until-close' });
    assert.deepEqual(response('HTTP/1.1 304 Not Modified', 'Content-Length: 9')?.framing, { kind: 'length', bytes: 0 });
    assert.deepEqual(parseResponse('HTTP/1.1 200 OK\r\nContent-Length: 9', 'HEAD')?.framing, {
      kind: 'length',
      bytes: 0,
    });
  });

  it('tells which connection ends, and which becomes another one', () => {
    assert.equal(request('GET / HTTP/1.1', 'Connection: keep-alive, Close')?.close, true);
    assert.equal(request('GET / HTTP/1.0')?.close, true);
    assert.equal(request('GET / HTTP/1.0', 'Connection: keep-alive')?.close, false);
    assert.equal(response('HTTP/1.1 200 OK', 'Content-Length: 1')?.close, false);
    assert.equal(request('GET / HTTP/1.1', 'Upgrade: websocket', 'Connection: keep-alive, Upgrade')?.upgrade, true);
    assert.equal(request('GET / HTTP/1.1', 'Upgrade: websocket')?.upgrade, false);
  });
});

describe('a stream of messages', () => {
  const chunks = (text: string, cuts: readonly number[]): AsyncIterable<Uint8Array> => {
    const bytes = Buffer.from(text, 'latin1');
    const at = [0, ...[...cuts].map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
    return Readable.from(
      at
        .slice(1)
        .map((end, index) => bytes.subarray(at[index], end))
        .filter(({ length }) => length > 0),
    );
  };

  it('is told apart wherever it is cut', async () => {
    const chunked = '4;ext=1\r\nwiki\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n';
    const text = `ONE / HTTP/1.1\r\nA: b\r\n\r\n${chunked}TWO / HTTP/1.1\r\n\r\nfive!THREE\r\n\r\n`;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(200), { maxLength: 12 }), async (cuts) => {
        const incoming = new Incoming(chunks(text, cuts));
        const passed: Uint8Array[] = [];
        const write = (bytes: Uint8Array) => Promise.resolve(void passed.push(bytes));
        assert.equal(await incoming.head(), 'ONE / HTTP/1.1\r\nA: b');
        await incoming.pass(Buffer.from('>'), { kind: 'chunked' }, write);
        assert.equal(Buffer.concat(passed.splice(0)).toString(), `>${chunked}`);
        assert.equal(await incoming.head(), 'TWO / HTTP/1.1');
        await incoming.pass(Buffer.from('>'), { kind: 'length', bytes: 5 }, write);
        assert.equal(Buffer.concat(passed).toString(), '>five!');
        assert.equal(await incoming.head(), 'THREE');
        assert.equal(await incoming.head(), undefined);
      }),
      { numRuns: 300 },
    );
  });

  it('breaks off at chunks that are not what they say, and at heads without an end', async () => {
    const pass = (text: string) =>
      new Incoming(chunks(text, [])).pass(Buffer.from(''), { kind: 'chunked' }, () => Promise.resolve());
    await assert.rejects(pass('zz\r\n'), /no size/);
    await assert.rejects(pass('-1\r\n'), /no size/);
    await assert.rejects(pass('2\r\nabc\r\n'), /longer/);
    await assert.rejects(pass('2\nab\r\n'), /proper end/);
    await assert.rejects(pass('2\r\na'), /cut short/);
    await assert.rejects(pass(`2;${'x'.repeat(9000)}`), /too long/);
    await assert.rejects(new Incoming(chunks('x'.repeat(70_000), [])).head(), /no end/);
    await assert.rejects(new Incoming(chunks('half', [])).head(), /cut short/);
  });
});
