import assert from 'node:assert/strict';
import fc from 'fast-check';
import { duration, utf8Length } from '../../../../src/webview/text/format.ts';

describe('words for numbers', () => {
  it('says durations, and no negative ones where clocks differ', () => {
    const said = [-5, 400, 9_949, 9_950, 59_499, 59_500, 185_000, 7_440_000].map(duration);
    assert.deepEqual(said, ['0.0 s', '0.4 s', '9.9 s', '10 s', '59 s', '1 min 0 s', '3 min 5 s', '2 h 4 min']);
  });

  it('knows the bytes of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => assert.equal(utf8Length(text), Buffer.byteLength(text))),
    );
    assert.equal(utf8Length('\ud800a\udc00'), Buffer.byteLength('\ud800a\udc00'));
  });
});
