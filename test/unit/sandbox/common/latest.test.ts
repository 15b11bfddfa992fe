import assert from 'node:assert/strict';
import { Latest } from '../../../../src/sandbox/common/latest.ts';

describe('the latest of many values', () => {
  it('is all that a slow reader sees, and the last one is never lost', async () => {
    const latest = new Latest<number>();
    latest.put(1);
    latest.put(2);
    const values = latest.read();
    assert.deepEqual(await values.next(), { value: 2, done: false });
    const waiting = values.next();
    latest.put(3);
    assert.deepEqual(await waiting, { value: 3, done: false });
    latest.put(4);
    latest.end();
    assert.deepEqual(await values.next(), { value: 4, done: false });
    assert.deepEqual(await values.next(), { value: undefined, done: true });
  });
});
