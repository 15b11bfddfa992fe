import assert from 'node:assert/strict';
import { thisMachine } from '../../../../src/host/spawn.ts';
import { smolVmProvider } from '../../../../src/sandbox/smolvm/index.ts';
import { Records } from '../../../../src/sandbox/smolvm/records.ts';
import { stateOf } from '../../../../src/sandbox/smolvm/state.ts';
import { onlyOnLinux } from '../../../support/commands/results.ts';
import { envelope, standIn, type StandIn } from '../../../support/smolvm/standIn.ts';

describe('the time that a microVM has to come up', () => {
  let one: StandIn;

  before(function () {
    onlyOnLinux(this);
    const crashed = { code: 'runtime_error', message: "Cannot start VM in state 'error'" };
    one = standIn('smolvm', {
      '--version': { stdout: 'smolvm 0.0.36\n' },
      'sandbox info': { stdout: envelope('sandbox.info', { vm: { name: 'made', status: 'stopped' } }) },
      'sandbox start': { stdout: envelope('sandbox.start', null, crashed), code: 1 },
    });
  });
  after(() => one.remove());

  const startedWith = async (vmId: string): Promise<string | undefined> => {
    const parts = { machine: thisMachine(), storage: one.folder, path: () => one.program, log: () => undefined };
    const state = stateOf({ program: 'smolvm', vmId, deleteOnClose: true });
    await smolVmProvider(parts).resume(state, new AbortController().signal);
    return one.calls().find((call) => call.startsWith(`sandbox start ${vmId} `));
  };

  it('is the one that it was made with, also in another window', async () => {
    const known = { v: 1 as const, program: 'smolvm' as const, incarnation: 'i', deleteOnClose: true, madeAt: 0 };
    await new Records(one.folder).putVm({ ...known, vmId: 'made', exposedPorts: [], bootTimeout: 345 });
    assert.equal(await startedWith('made'), 'sandbox start made --boot-timeout 345 --json');
  });

  it('is the usual one where nothing is known of it', async () => {
    assert.equal(await startedWith('unknown'), 'sandbox start unknown --boot-timeout 120 --json');
  });
});
