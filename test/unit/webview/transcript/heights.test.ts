import assert from 'node:assert/strict';
import { stretchOf } from '../../../../src/webview/transcript/heights.ts';

describe('the pages near what is seen', () => {
  const heights = [100, 200, 300, 400];

  it('are those that touch it', () => {
    assert.deepEqual(stretchOf(heights, 0, 100), { first: 0, end: 1, above: 0, below: 900 });
    assert.deepEqual(stretchOf(heights, 100, 301), { first: 1, end: 3, above: 100, below: 400 });
    assert.deepEqual(stretchOf(heights, 650, 5_000), { first: 3, end: 4, above: 600, below: 0 });
  });

  it('are the first where it lies before, the last where it lies behind, none where there is none', () => {
    assert.deepEqual(stretchOf(heights, -500, -100), { first: 0, end: 1, above: 0, below: 900 });
    assert.deepEqual(stretchOf(heights, 5_000, 6_000), { first: 3, end: 4, above: 600, below: 0 });
    assert.deepEqual(stretchOf([], 0, 100), { first: 0, end: 0, above: 0, below: 0 });
  });
});
