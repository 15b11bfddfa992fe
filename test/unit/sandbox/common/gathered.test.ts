import assert from 'node:assert/strict';
import { gathered } from '../../../../src/sandbox/common/gathered.ts';

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  for (const text of texts) yield Buffer.from(text);
}

async function all(stream: AsyncIterable<Uint8Array>): Promise<string[]> {
  const texts: string[] = [];
  for await (const bytes of stream) texts.push(Buffer.from(bytes).toString());
  return texts;
}

describe('small pieces that are gathered', () => {
  it('go together until they are enough, and nothing is lost', async () => {
    assert.deepEqual(await all(gathered(pieces('ab', '', 'c', 'def', 'g'), 3)), ['abc', 'def', 'g']);
    assert.deepEqual(await all(gathered(pieces(), 3)), []);
    assert.deepEqual(await all(gathered(pieces('larger than asked for'), 3)), ['larger than asked for']);
  });

  it('are not held back while nothing follows', async () => {
    let go: () => void = () => undefined;
    const later = new Promise<void>((resolve) => (go = resolve));
    const source = async function* () {
      await Promise.resolve();
      yield Buffer.from('first');
      await later;
      yield Buffer.from('second');
    };
    const stream = gathered(source(), 1000);
    assert.equal(Buffer.from((await stream.next()).value ?? []).toString(), 'first');
    go();
    assert.equal(Buffer.from((await stream.next()).value ?? []).toString(), 'second');
    assert.equal((await stream.next()).done, true);
  });

  it('end with the failure of their source', async () => {
    const source = async function* () {
      await Promise.resolve();
      yield Buffer.from('x');
      throw new Error('broken');
    };
    await assert.rejects(all(gathered(source(), 10)), /broken/);
  });

  it('let go of their source when nobody reads on', async () => {
    let ended = false;
    const source = async function* () {
      await Promise.resolve();
      try {
        for (;;) yield Buffer.from('x');
      } finally {
        ended = true;
      }
    };
    for await (const _bytes of gathered(source(), 3)) break;
    assert.equal(ended, true);
  });
});
