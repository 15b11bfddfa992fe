import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { boundHeld } from '../../../../../src/sandbox/smolvm/guest/boundHeld.ts';

describe('what is held of a stream that nobody reads', () => {
  const piece = Buffer.alloc(1000);

  it('is bounded also while it is paused', () => {
    const stream = new Readable({ read: () => undefined });
    let calls = 0;
    boundHeld(stream, 3000, () => (calls += 1));
    stream.pause();
    for (let count = 0; count < 3; count += 1) stream.push(piece);
    assert.equal(calls, 0);
    stream.push(piece);
    assert.equal(calls, 1);
  });

  it('is no matter where it is read as it comes', () => {
    const stream = new Readable({ read: () => undefined });
    boundHeld(stream, 3000, () => assert.fail());
    for (let count = 0; count < 10; count += 1) {
      stream.push(piece);
      assert.equal((stream.read() as Buffer).length, 1000);
    }
  });
});
