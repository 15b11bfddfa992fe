import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { thisMachine } from '../../../../../src/host/spawn.ts';
import { createVm, Program, settingsSchema } from '../../../../../src/sandbox/smolvm/program/index.ts';
import { onlyOnLinux } from '../../../../support/commands/results.ts';
import { envelope, healthy, standIn, type Answer, type StandIn } from '../../../../support/smolvm/standIn.ts';

const name = `airlock-u-${process.pid}`;
const never = new AbortController().signal;

/** What nobody can make the published programs do at a given moment: another one takes the port that they have chosen. */
describe('a create whose port is taken by another program meanwhile', () => {
  let one: StandIn;
  /** Stands for the emulator of the create that succeeds: it is looked for among the processes. */
  let emulator: ChildProcess;

  before(async function () {
    onlyOnLinux(this);
    one = standIn('smolvm', {});
    emulator = spawn(process.execPath, ['-e', 'setTimeout(() => 0, 600_000)', `/tmp/qmp-${name}.sock`]);
    await once(emulator, 'spawn');
  });
  after(() => {
    emulator.kill('SIGKILL');
    one.remove();
  });

  const refused = (message: string): Answer => ({
    stdout: envelope('sandbox.create', null, { code: 'runtime_error', message }),
    code: 1,
  });
  const unknown: Answer = refused(`VM '${name}' not found`);
  const vm = { name, status: 'running', backend: 'qemu', ssh_port: 2201 };
  const deleted: Answer = {
    stdout: envelope('sandbox.delete', { deleted: [name], failed: [], summary: {} }),
  };

  const create = async (creates: readonly Answer[], console: readonly string[] = []) => {
    const info: Answer = { stdout: envelope('sandbox.info', { vm: { ...vm, pid: emulator.pid } }) };
    const looksAtWhatFailed = creates.slice(1).flatMap(() => [unknown, unknown]);
    one.answers({
      '--version': { stdout: 'smolvm 0.0.36\n' },
      doctor: healthy,
      'sandbox create': creates,
      'sandbox logs': { stdout: envelope('sandbox.logs', { path: '/x.log', lines: console }) },
      'sandbox delete': deleted,
      'sandbox info': creates.length === 1 ? unknown : [...looksAtWhatFailed, info],
    });
    const before = one.calls().length;
    const program = new Program({ machine: thisMachine(), path: () => one.program, log: () => undefined });
    const settings = settingsSchema.parse({ os: 'alpine' });
    const created = await createVm(program, { name, settings }, () => undefined, never);
    const asked = one
      .calls()
      .slice(before)
      .map((call) => call.split(' ').slice(0, 2).join(' '));
    return { created, asked: asked.filter((words) => /create|delete/.test(words)) };
  };

  const made: Answer = { stdout: envelope('sandbox.create', { vm: { name, status: 'running' }, warnings: [] }) };
  const taken = refused("Local SSH port 2200 is already in use. Free that port, or run 'smolvm sandbox delete x'");
  const early = refused("QEMU exited early while booting VM '4711'");

  it('is asked for again, once what it left is deleted', async () => {
    const { created, asked } = await create([taken, taken, made]);
    assert.equal(created.kind, 'ready');
    const [a, d] = ['sandbox create', 'sandbox delete'];
    assert.deepEqual(asked, [a, d, a, d, a]);
  });

  it('is asked for again where only its emulator tells so, on the console', async () => {
    const said = "qemu-system-x86_64: -netdev user: Could not set up host forwarding rule 'tcp:127.0.0.1:2200-:22'";
    const { created, asked } = await create([early, made], [said]);
    assert.equal(created.kind, 'ready');
    assert.equal(asked.length, 3);
  });

  it('is not asked for again where its emulator ended for another reason', async () => {
    const { created, asked } = await create([early], ['qemu-system-x86_64: could not allocate memory']);
    assert.equal(created.kind === 'none' && created.problem.detail.startsWith('The microVM ended while'), true);
    assert.deepEqual(asked, ['sandbox create', 'sandbox delete']);
  });

  it('is given up where that goes on and on', async () => {
    const { created, asked } = await create([taken]);
    assert.equal(created.kind === 'none' && created.problem.id, 'sandbox-start-failed');
    assert.match(created.kind === 'none' ? created.problem.detail : '', /port of the microVM is in use/);
    assert.ok(asked.length > 2 && asked.length <= 20);
  });
});
