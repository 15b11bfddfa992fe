import assert from 'node:assert/strict';
import fc from 'fast-check';
import { eventsOf } from '../../../../src/sandbox/celesto/api/sse.ts';

async function read(...pieces: (string | Uint8Array)[]): Promise<unknown[]> {
  async function* source(): AsyncGenerator<Uint8Array> {
    for (const piece of pieces) yield Promise.resolve(Buffer.from(piece as string));
  }
  const found: unknown[] = [];
  for await (const event of eventsOf(source())) found.push(event);
  return found;
}

describe('server-sent events of a command', () => {
  const events = [
    { type: 'stdout', data: 'ü🙂\n' },
    { type: 'stderr', data: '' },
    { type: 'exit', exit_code: 0 },
  ];
  const plain = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');

  it('reads them wherever they are cut', async () => {
    const bytes = Buffer.from(plain);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 12 }), async (cuts) => {
        const at = [0, ...cuts.sort((one, other) => one - other), bytes.length];
        const pieces = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
        assert.deepEqual(await read(...pieces), events);
      }),
      { numRuns: 50 },
    );
  });

  it('reads them as proxies and other servers write them', async () => {
    assert.deepEqual(await read(plain.replaceAll('\n\n', '\n')), events, 'blank lines dropped');
    assert.deepEqual(await read(plain.replaceAll('\n', '\r\n')), events, 'CRLF');
    assert.deepEqual(await read(plain.trimEnd()), events, 'no blank line at the end');
    assert.deepEqual(await read(`: keep\n\nevent: x\nid: 1\n${plain}: keep\nretry: 5\n\n`), events, 'other lines');
    assert.deepEqual(await read('data:{"a":\ndata: 1}\n\n'), [{ a: 1 }], 'data in two lines');
    assert.deepEqual(await read('data: {"a":1}\ndata: {"b":2}\n\n'), [{ a: 1 }, { b: 2 }]);
    assert.deepEqual(await read('', '\n\n'), []);
  });

  it('refuses what is no JSON or has no end', async () => {
    await assert.rejects(read('data: not json\n\n'), /cannot be read/);
    await assert.rejects(read('data: '.padEnd(1_100_000, 'x')), /too long/);
    const lines = Array.from({ length: 40 }, () => `data: "${'x'.repeat(50_000)}\n`);
    await assert.rejects(read(...lines), /too long/);
  });
});
