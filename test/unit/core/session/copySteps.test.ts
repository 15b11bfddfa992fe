import assert from 'node:assert/strict';
import { copySteps } from '../../../../src/core/session/copySteps.ts';
import type { Step } from '../../../../src/core/sandbox.ts';

describe('the steps of a copy', () => {
  const said = (...moved: number[]) => {
    const steps: Step[] = [];
    const tell = copySteps('Copying 1 file', 2_000_000, (step) => steps.push(step));
    for (const bytes of moved) tell(bytes);
    return steps.map(({ title, detail }) => [title, detail]);
  };

  it('count bytes, to the end and no further', () => {
    assert.deepEqual(said(1024, 1_000_000, 2_004_096), [
      ['Copying 1 file', undefined],
      ['Copying 1 file', '1.0 kB of 2.0 MB'],
      ['Copying 1 file', '1.0 MB of 2.0 MB'],
      ['Copying 1 file', '2.0 MB of 2.0 MB'],
    ]);
  });

  it('are told when their words change, not for each piece', () => {
    assert.equal(said(...Array.from({ length: 1000 }, (_, at) => 1_000_000 + at)).length, 2);
  });
});
