import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { thisMachine } from '../../../../src/host/spawn.ts';
import { mintId } from '../../../../src/shared/ids.ts';
import { settleCreate } from '../../../../src/sandbox/smolvm/create.ts';
import { HostKeys } from '../../../../src/sandbox/smolvm/guest/hostKeys.ts';
import { Program } from '../../../../src/sandbox/smolvm/program/index.ts';
import { Records } from '../../../../src/sandbox/smolvm/records.ts';
import { vmOf } from '../../../../src/sandbox/smolvm/vm.ts';
import { onlyOnLinux } from '../../../support/commands/results.ts';
import { envelope, standIn, type StandIn } from '../../../support/smolvm/standIn.ts';

/** The program under its other name, which knows nothing of the microVM. */
describe('a microVM that the program has made under its other name', () => {
  let folder = '';
  let one: StandIn;
  let program: Program;
  const never = new AbortController().signal;

  before(function () {
    onlyOnLinux(this);
    folder = mkdtempSync(join(tmpdir(), 'airlock-maker-'));
    const message = "Computer 'a' was not found; run 'celesto computer list --all' to choose one.";
    one = standIn('celesto', {
      '--version': { stdout: 'celesto 0.1.10\n' },
      sandbox: { stdout: envelope('sandbox', null, { code: 'invalid_input', message }), code: 1 },
    });
    program = new Program({ machine: thisMachine(), path: () => one.program, log: () => undefined });
  });
  after(() => {
    one.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('does not count as gone, deleted or stopped', async () => {
    const vm = vmOf(program, 'a', 'smolvm');
    await assert.rejects(vm.look(), /was made by smolvm/);
    await assert.rejects(vm.start(never), /was made by smolvm/);
    await assert.rejects(vm.stop(), /was made by smolvm/);
    const settled = await vm.delete();
    assert.deepEqual(settled.kind === 'failed' && settled.problem.id, 'sandbox-unavailable');
    assert.deepEqual(one.calls(), ['--version']);
    assert.deepEqual(await vmOf(program, 'a', 'celesto').look(), { kind: 'gone' });
  });

  it('does not count as never created, and the note of its create is kept', async () => {
    const records = new Records(folder);
    await records.putCreate({ v: 1, key: 'key', program: 'smolvm', vmId: 'a' });
    const ground = { program, records, hostKeys: new HostKeys(join(folder, 'keys')), log: () => undefined };
    await assert.rejects(settleCreate(ground, { session: mintId('session'), key: 'key' }, never), /was made by smolvm/);
    assert.notEqual(await records.create('key'), undefined);
  });
});
