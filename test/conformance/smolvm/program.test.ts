import assert from 'node:assert/strict';
import { leftInRig } from '../../support/smolvm/leftInRig.ts';
import { describeFailing } from './failing.ts';
import { describeLife } from './life.ts';

describeLife('smolvm');
describeFailing('smolvm');
describeLife('celesto', 'short');

describe('the rig of virtual machines', () => {
  it('has no emulator and lists no virtual machine when all is done', async function () {
    this.timeout(300_000);
    assert.deepEqual(await leftInRig(), []);
  });
});
