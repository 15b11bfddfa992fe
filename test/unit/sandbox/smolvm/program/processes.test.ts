import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { thisMachine } from '../../../../../src/host/spawn.ts';
import { emulatorsOf, look, Program, remove, stop } from '../../../../../src/sandbox/smolvm/program/index.ts';
import { onlyOnLinux } from '../../../../support/commands/results.ts';
import { envelope, standIn } from '../../../../support/smolvm/standIn.ts';

describe('the process of a virtual machine', () => {
  const name = `vm-${process.pid}`;
  const running: ChildProcess[] = [];

  before(function () {
    onlyOnLinux(this);
  });
  afterEach(() => {
    for (const child of running.splice(0)) child.kill('SIGKILL');
  });

  /** A process with that command line. */
  const processAs = async (argv0: string) => {
    const child = spawn('sleep', ['600'], { argv0, stdio: 'ignore' });
    running.push(child);
    await once(child, 'spawn');
    return child;
  };
  const programThatNotes = (pid: number | undefined, backend: string) => {
    const vm = { name, status: 'running', backend, pid };
    const one = standIn('smolvm', {
      '--version': { stdout: 'smolvm 0.0.36\n' },
      'sandbox info': { stdout: envelope('sandbox.info', { vm }) },
    });
    const program = new Program({ machine: thisMachine(), path: () => one.program, log: () => undefined });
    return { one, program };
  };

  for (const backend of ['libkrun', 'qemu', 'firecracker', 'another']) {
    it(`is not taken for one that only has its number, by ${backend}`, async () => {
      const { one, program } = programThatNotes((await processAs('stranger')).pid, backend);
      try {
        assert.equal((await look(program, name))?.process, 'taken');
        await assert.rejects(stop(program, name), /another program has that number/);
        assert.equal((await remove(program, name)).kind, 'failed');
        assert.deepEqual(
          one.calls().filter((call) => /stop|delete/.test(call)),
          [],
        );
      } finally {
        one.remove();
      }
    });
  }

  it('of libkrun is known by the description that it was given', async () => {
    const description = `/tmp/libkrun-${name}-${'0af3'.repeat(8)}.json`;
    const { pid } = await processAs(`/usr/bin/python3 -m smolvm.runtime._libkrun_launcher ${description}`);
    const { one, program } = programThatNotes(pid, 'libkrun');
    try {
      assert.equal((await look(program, name))?.process, 'runs');
      assert.deepEqual(await emulatorsOf(thisMachine(), name), [{ pid }]);
      assert.deepEqual(await emulatorsOf(thisMachine(), `${name}-0`), []);
    } finally {
      one.remove();
    }
  });
});
