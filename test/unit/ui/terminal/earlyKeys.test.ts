import assert from 'node:assert/strict';
import { EarlyKeys } from '../../../../src/ui/terminal/earlyKeys.ts';

describe('what is typed before there is anything to type into', () => {
  it('is kept key by key, and given out once', () => {
    const early = new EarlyKeys();
    early.hold('x');
    early.hold('\u0003');
    assert.deepEqual(early.take(), ['x', '\u0003']);
    assert.deepEqual(early.take(), []);
  });

  it('does not grow without end', () => {
    const early = new EarlyKeys();
    for (let time = 0; time < 5; time += 1) early.hold('x'.repeat(300_000));
    assert.equal(early.take().join('').length, 1024 * 1024);
    early.hold('y');
    assert.deepEqual(early.take(), ['y']);
  });
});
