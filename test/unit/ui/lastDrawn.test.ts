import assert from 'node:assert/strict';
import { LastDrawn } from '../../../src/ui/lastDrawn.ts';

describe('what a view shows', () => {
  it('is drawn anew where it differs from before, and stays where it does not', () => {
    const drawn = new LastDrawn();
    const row = (port: number) => ['session', [{ port }]];
    const isNew = [row(1), row(1), row(2), row(2), row(1)].map((shown) => drawn.isNew(shown));
    assert.deepEqual(isNew, [true, false, true, false, true]);
  });

  it('is drawn the first time, also where there is nothing to show', () => {
    assert.equal(new LastDrawn().isNew([]), true);
    assert.equal(new LastDrawn().isNew([undefined, undefined]), true);
  });
});
