import assert from 'node:assert/strict';
import { thisMachine } from '../../../../src/host/spawn.ts';
import { smolVmProvider } from '../../../../src/sandbox/smolvm/index.ts';
import { Records } from '../../../../src/sandbox/smolvm/records.ts';
import { onlyOnLinux } from '../../../support/commands/results.ts';
import { envelope, standIn, type StandIn } from '../../../support/smolvm/standIn.ts';

describe('the microVMs that are listed among the computers', () => {
  let one: StandIn;

  before(function () {
    onlyOnLinux(this);
    const list = (...names: string[]) => ({
      stdout: envelope('sandbox.list', { vms: names.map((name) => ({ name, status: 'stopped' })) }),
    });
    one = standIn('smolvm', {
      '--version': { stdout: 'smolvm 0.0.36\n' },
      'sandbox list --status stopped --json': list('made', 'attached', 'other'),
      'sandbox list --status created --json': list(),
      'sandbox info': {
        stdout: envelope('sandbox.info', null, { code: 'runtime_error', message: "VM 'x' not found" }),
        code: 1,
      },
    });
  });
  after(() => one.remove());

  it('are told apart by who made them, and an age is told of our own alone', async () => {
    const records = new Records(one.folder);
    const held = { v: 1 as const, incarnation: 'i', madeAt: Date.now() - 60_000, exposedPorts: [], bootTimeout: 120 };
    await records.putCreate({ v: 1, key: 'one', program: 'smolvm', vmId: 'made' });
    await records.putCreate({ v: 1, key: 'two', program: 'celesto', vmId: 'other' });
    await records.putVm({ ...held, program: 'smolvm', vmId: 'made', deleteOnClose: true });
    await records.putVm({ ...held, program: 'smolvm', vmId: 'attached', deleteOnClose: false });
    const variable = () => one.folder;
    const parts = {
      machine: thisMachine(),
      storage: one.folder,
      path: () => one.program,
      variable,
      log: () => undefined,
    };
    const listed = await smolVmProvider(parts).inventory(new AbortController().signal);
    assert.deepEqual(
      listed.map(({ title, detail, ageMs }) => [title, detail, ageMs !== undefined]),
      [
        ['made', 'stopped', true],
        ['attached', 'stopped, not made by Airlock', false],
        ['other', 'stopped, not made by Airlock', false],
      ],
    );
  });
});
