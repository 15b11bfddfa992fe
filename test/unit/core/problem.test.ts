import assert from 'node:assert/strict';
import { AirlockError, problem, problemOf } from '../../../src/core/problem.ts';

describe('a problem that was thrown', () => {
  it('is known also where another copy of the code threw it, as bundles that are loaded apart do', async () => {
    const copyOf = `${import.meta.resolve('../../../src/core/problem.ts')}?copy`;
    const other = (await import(copyOf)) as typeof import('../../../src/core/problem.ts');
    assert.notEqual(other.AirlockError, AirlockError);
    const why = problem('limit', 'Too much.', { fix: 'retry' });
    assert.deepEqual(problemOf(new other.AirlockError(why), 'protocol'), why);
    assert.equal(new AirlockError(why) instanceof other.AirlockError, true);
  });

  it('is not seen in anything else', () => {
    for (const other of [new Error('limit'), undefined, 'limit', { problem: problem('limit', 'x') }]) {
      assert.equal(problemOf(other, 'protocol').id, 'protocol');
    }
  });
});
