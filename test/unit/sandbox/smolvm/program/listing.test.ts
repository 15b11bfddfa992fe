import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { thisMachine } from '../../../../../src/host/spawn.ts';
import { list, Program } from '../../../../../src/sandbox/smolvm/program/index.ts';
import { onlyOnLinux } from '../../../../support/commands/results.ts';
import { envelope, standIn, type Answer, type StandIn } from '../../../../support/smolvm/standIn.ts';

const listOf = (...vms: readonly object[]): Answer => ({ stdout: envelope('sandbox.list', { vms }) });
const info = (vm: object): Answer => ({ stdout: envelope('sandbox.info', { vm }) });
const unknown: Answer = {
  stdout: envelope('sandbox.info', null, { code: 'runtime_error', message: "VM 'x' not found" }),
  code: 1,
};
/** A number that no process has. */
const nobody = 2 ** 22 + 1;

describe('the list of virtual machines', () => {
  let one: StandIn;
  const own = `own-${process.pid}`;
  const others = `others-${process.pid}`;

  const answers = (pid: number) => ({
    '--version': { stdout: 'smolvm 0.0.36\n' },
    'sandbox list --status stopped --json': listOf({ name: 'rests', status: 'stopped' }),
    'sandbox list --status created --json': listOf({ name: 'new', status: 'created' }),
    [`sandbox info ${own} --json`]: info({ name: own, status: 'running', backend: 'qemu', pid: nobody }),
    [`sandbox info ${others} --json`]: info({ name: others, status: 'running', backend: 'qemu', pid }),
    'sandbox info died --json': info({ name: 'died', status: 'running', backend: 'qemu', pid: nobody }),
    'sandbox info': unknown,
  });

  before(function () {
    onlyOnLinux(this);
    one = standIn('smolvm', answers(nobody));
  });
  after(() => one.remove());

  const listed = async () => {
    const variable = (name: string) => (name === 'SMOLVM_DATA_DIR' ? one.folder : undefined);
    const program = new Program({ machine: thisMachine(), path: () => one.program, variable, log: () => undefined });
    return (await list(program, [own, 'rests', 'gone'])).map(({ name, status }) => `${name} ${status}`);
  };

  it('is made without a command that gives up or stops what has ended', async () => {
    assert.deepEqual(
      (await listed()).filter((row) => !row.startsWith('others')),
      ['rests stopped', 'new created', `${own} stopped`],
    );
    const changing = one
      .calls()
      .filter((call) => !/^(--version|sandbox info |sandbox list --status (stopped|created) )/.test(call));
    assert.deepEqual(changing, []);
  });

  it('has one of which only a disk is left, and none of a disk that the program does not know', async () => {
    mkdirSync(join(one.folder, 'disks'));
    for (const file of ['died.qcow2', 'died.qcow2.retained', 'unknown.ext4', 'rests.qcow2', 'No Name.ext4'])
      writeFileSync(join(one.folder, 'disks', file), '');
    const rows = await listed();
    assert.deepEqual(
      rows.filter((row) => /died|unknown|rests|Name/.test(row)),
      ['rests stopped', 'died stopped'],
    );
  });

  it('has one that this driver did not make and whose process runs', async () => {
    // Its command line names the socket, as an emulator's does.
    const emulator = spawn('sleep', ['600'], { argv0: `/usr/bin/x /tmp/qmp-${others}.sock`, stdio: 'ignore' });
    try {
      one.answers(answers(emulator.pid ?? nobody));
      assert.ok((await listed()).includes(`${others} running`));
    } finally {
      emulator.kill('SIGKILL');
    }
  });
});
