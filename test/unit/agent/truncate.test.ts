import assert from 'node:assert/strict';
import { truncateOutput } from '@openai/agents-core/sandbox/internal';
import fc from 'fast-check';
import { cutForModel } from '../../../src/agent/truncate.ts';

describe('output for the model', () => {
  it('stays as it is within the limit, and without one', () => {
    assert.deepEqual(cutForModel('äbc', 1), { text: 'äbc' });
    assert.deepEqual(cutForModel('x'.repeat(100_000), undefined), { text: 'x'.repeat(100_000) });
  });

  it('is cut as the SDK cuts it', () => {
    for (const text of ['line\n'.repeat(3000), 'ä€😀'.repeat(2000), 'x'.repeat(5000)]) {
      assert.deepEqual(cutForModel(text, 100), truncateOutput(text, 100));
    }
  });

  it('never exceeds the limit and never splits a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 20, maxLength: 400 }), fc.nat(60), (text, tokens) => {
        const cut = cutForModel(text, tokens);
        assert.ok(
          Buffer.byteLength(cut.text) <= Math.max(tokens * 4, Buffer.byteLength(text) <= tokens * 4 ? Infinity : 0),
        );
        assert.ok(!cut.text.includes('\ufffd') || text.includes('\ufffd'));
      }),
    );
  });
});
