import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import fc from 'fast-check';
import { longestHello, readHello } from '../../../../src/core/network/clientHello.ts';
import { parseHostName } from '../../../../src/core/network/hostName.ts';
import { parseAbsolute, parseAuthority } from '../../../../src/core/network/target.ts';

describe('the target of a request to the proxy', () => {
  it('is read where it is one', () => {
    assert.deepEqual(parseAuthority('Example.com:443'), { ok: true, value: { host: 'example.com', port: 443 } });
    const value = { target: { host: 'example.com', port: 80 }, path: '/' };
    assert.deepEqual(parseAbsolute('http://example.com'), { ok: true, value });
    assert.deepEqual(parseAbsolute('HTTP://example.com:80/'), { ok: true, value });
    const withQuery = { target: { host: 'example.com', port: 8080 }, path: '/?a=http://b/' };
    assert.deepEqual(parseAbsolute('http://example.com:8080?a=http://b/#c'), { ok: true, value: withQuery });
  });

  it('is refused as an address, or as nothing', () => {
    for (const text of ['127.0.0.1:80', '[::1]:443', '2130706433:80', '0x7f000001:80', '127.1:80']) {
      const parsed = parseAuthority(text);
      assert.ok(!parsed.ok && parsed.why === 'address', text);
    }
    const odd = [
      'example.com',
      'example.com:',
      ':80',
      'a b:80',
      'a:b:80',
      'u@a.com:80',
      'a.com:0',
      'a.com:65536',
      'a.com/:80',
      'http://a.com:80',
      '',
    ];
    for (const text of odd) {
      const parsed = parseAuthority(text);
      assert.ok(!parsed.ok, text);
    }
    for (const text of [
      undefined,
      '/',
      '*',
      'https://a.com/',
      'http://',
      'http:///a',
      'http://u@a.com/',
      'http://a.com:x/',
      'ftp://a.com/',
    ]) {
      assert.ok(!parseAbsolute(text).ok, text);
    }
  });

  it('never throws, gives only names, and shows nothing that could be more than text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.webAuthority(), fc.webUrl()), (text) => {
        for (const parsed of [parseAuthority(text), parseAbsolute(text)]) {
          if (!parsed.ok) assert.match(parsed.shown.host, /^[\x21-\x7e]{0,80}$/);
          else {
            const target = 'target' in parsed.value ? parsed.value.target : parsed.value;
            assert.equal(parseHostName(target.host), target.host);
            assert.ok(target.port >= 1 && target.port <= 65_535);
          }
        }
      }),
    );
  });
});

describe('the greeting of a TLS client', () => {
  let hello: Buffer;
  let nameless: Buffer;

  before(async () => {
    hello = await helloFor('registry.example.com');
    nameless = await helloFor('');
  });

  it('tells the host, from its last byte on and not before', () => {
    for (let length = 0; length < hello.length; length += 1) {
      assert.deepEqual(readHello(hello.subarray(0, length)), { kind: 'more' }, `${length} of ${hello.length}`);
    }
    const found = { kind: 'tls', host: 'registry.example.com' };
    assert.deepEqual(readHello(hello), found);
    assert.deepEqual(readHello(Buffer.concat([hello, Buffer.alloc(100, 23)])), found);
    assert.deepEqual(readHello(nameless), { kind: 'tls', host: undefined });
  });

  it('may be spread over records, but not over very many', () => {
    assert.deepEqual(readHello(inRecords(hello, 100)), { kind: 'tls', host: 'registry.example.com' });
    assert.deepEqual(readHello(inRecords(hello, 1)), { kind: 'broken' });
  });

  it('is told from other protocols by its first bytes', () => {
    for (const text of ['GET / HTTP/1.1\r\n', 'SSH-2.0-x', '\x80\x2e\x01']) {
      assert.deepEqual(readHello(Buffer.from(text, 'latin1')), { kind: 'not-tls' });
    }
    assert.deepEqual(readHello(Buffer.from([22, 3, 1, 0, 0])), { kind: 'broken' });
    assert.deepEqual(readHello(Buffer.from([22, 3, 1, 0, 4, 2, 0, 0, 0])), { kind: 'broken' });
  });

  it('ends: what grows on and on is broken', () => {
    const endless = Buffer.concat([Buffer.from([22, 3, 1, 0xff, 0xff, 1, 0, 0x3f, 0xff]), Buffer.alloc(longestHello)]);
    assert.notEqual(readHello(endless).kind, 'more');
  });

  it('never throws and never finds a host that is no name, whatever is changed in it', () => {
    const positions = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(positions, (changes) => {
        const bytes = Buffer.from(hello);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        const found = readHello(bytes);
        if (found.kind === 'tls' && found.host !== undefined) assert.equal(parseHostName(found.host), found.host);
      }),
      { numRuns: 2000 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => readHello(bytes).kind !== 'tls'));
  });
});

/** What a real client says first. */
async function helloFor(servername: string): Promise<Buffer> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, servername });
  client.on('error', () => undefined);
  const [socket] = (await once(server, 'connection')) as [import('node:net').Socket];
  let seen = Buffer.alloc(0);
  while (seen.length < 5 || seen.length < 5 + seen.readUInt16BE(3)) {
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    seen = Buffer.concat([seen, bytes]);
  }
  client.destroy();
  socket.destroy();
  server.close();
  return seen;
}

function inRecords(hello: Buffer, size: number): Buffer {
  const body = hello.subarray(5);
  const pieces: Buffer[] = [];
  for (let at = 0; at < body.length; at += size) {
    const piece = body.subarray(at, at + size);
    pieces.push(Buffer.from([22, 3, 1, piece.length >> 8, piece.length & 255]), piece);
  }
  return Buffer.concat(pieces);
}
