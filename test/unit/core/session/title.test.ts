import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { titleOf } from '../../../../src/core/session/title.ts';

describe('the title of a session', () => {
  it('is the first line of its prompt', () => {
    assert.equal(titleOf('  Fix it\nplease'), 'Fix it');
  });

  it('is cut at a word', () => {
    const long = titleOf('word '.repeat(30));
    assert.ok(long.length <= 61 && long.endsWith('word…'), long);
  });
});
