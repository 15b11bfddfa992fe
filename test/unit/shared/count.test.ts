import assert from 'node:assert/strict';
import { count } from '../../../src/shared/count.ts';

describe('a count in words', () => {
  it('is singular for one, and parts thousands', () =>
    assert.deepEqual(
      [count(0, 'file'), count(1, 'file'), count(4, 'file'), count(1234, 'line'), count(2, 'entry', 'entries')],
      ['0 files', '1 file', '4 files', '1,234 lines', '2 entries'],
    ));
});
