import { afterEach, beforeEach } from 'mocha';
import { skipBecause } from '../commands/results.ts';

/**
 * For the suite of a walk, whose tests each go on where the one before ended: after one failed, the others of the suite
 * are skipped. Mocha's own `bail` would also leave out every later suite that bails, and say nothing of it.
 */
export function inOrder(): void {
  let failed: string | undefined;
  beforeEach(function () {
    if (failed !== undefined) skipBecause(this, `it goes on after "${failed}", which failed`);
  });
  afterEach(function () {
    if (this.currentTest?.state === 'failed') failed ??= this.currentTest.title;
  });
}
