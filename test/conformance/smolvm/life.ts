import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import {
  createVm,
  diagnose,
  emulatorsOf,
  isDead,
  list,
  listSnapshots,
  logs,
  look,
  pause,
  remove,
  start,
  stop,
  takeSnapshot,
  type Program,
} from '../../../src/sandbox/smolvm/program/index.ts';
import type { ProgramName } from '../../support/smolvm/place.ts';
import type { Rig } from '../../support/smolvm/rig.ts';
import {
  created,
  deleted,
  freshName,
  killEmulator,
  machine,
  never,
  programOf,
  rigOrSkip,
  settings,
} from './programs.ts';

/** An emulated processor that has to share this machine's takes its time. */
const bootSeconds = 240;

/**
 * The life of a virtual machine, by one of the published programs.
 *
 * @param part `short` leaves out what the two do not differ in
 */
export function describeLife(which: ProgramName, part: 'whole' | 'short' = 'whole'): void {
  const inWhole = part === 'whole' ? it : () => undefined;
  describe(`a virtual machine of the real ${which}${part === 'short' ? ', in short' : ''}`, function () {
    this.timeout(600_000);
    this.slow(60_000);
    let rig: Rig;
    let program: Program;
    const name = freshName();
    const log: string[] = [];

    before(async function () {
      rig = await rigOrSkip(this);
      program = programOf(rig, which, (line) => log.push(line));
    });
    after(() => deleted(program, name));

    it('is found with the version that the rig installs, and its doctor is content', async () => {
      const finding = await program.find();
      assert.equal(finding.kind === 'found' && finding.found.name, which);
      assert.equal(finding.kind === 'found' && finding.note, undefined);
      assert.deepEqual(await diagnose(program, 'auto'), { backend: 'qemu', findings: [] });
    });

    it('is created by name, and its steps are told', async () => {
      const steps: string[] = [];
      await created(program, name, ({ title }) => steps.push(title));
      assert.deepEqual(steps, ['Preparing the microVM', 'Booting the microVM', 'Waiting for SSH in the microVM']);
      const truth = await look(program, name);
      assert.deepEqual([truth?.info.status, truth?.info.backend, truth?.process], ['running', 'qemu', 'runs']);
      assert.equal((await emulatorsOf(machine, name)).length, 1);
      assert.ok((await logs(program, name, 1000)).some((line) => line.startsWith('GUEST-UP')));
    });

    inWhole('is not created twice, and what is there stays', async () => {
      const again = await createVm(program, { name, settings: settings() }, () => undefined, never);
      assert.equal(again.kind, 'unknown');
      assert.match(again.problem.detail, /exists already/);
      assert.equal((await look(program, name))?.process, 'runs');
    });

    it('is paused, also when asked twice, and goes on when it is started', async () => {
      await pause(program, name);
      await pause(program, name);
      assert.equal((await look(program, name))?.info.status, 'paused');
      const before = await emulatorsOf(machine, name);
      await start(program, name, bootSeconds);
      assert.equal((await look(program, name))?.info.status, 'running');
      assert.deepEqual(await emulatorsOf(machine, name), before, 'its memory is kept');
    });

    inWhole('is stopped and started, also when asked twice', async () => {
      await stop(program, name);
      await stop(program, name);
      assert.deepEqual(
        [(await look(program, name))?.info.status, (await emulatorsOf(machine, name)).length],
        ['stopped', 0],
      );
      await start(program, name, bootSeconds);
      await start(program, name, bootSeconds);
      assert.equal((await look(program, name))?.process, 'runs');
    });

    inWhole('is copied while it runs, and goes on', async () => {
      const before = await emulatorsOf(machine, name);
      const { id, bytes = 0 } = await takeSnapshot(program, name);
      assert.deepEqual(
        (await listSnapshots(program, name)).map((one) => one.id),
        [id],
      );
      assert.ok(bytes > 1_000_000 && (await program.snapshotIds()).includes(id));
      assert.deepEqual(
        [(await look(program, name))?.info.status, await emulatorsOf(machine, name)],
        ['running', before],
      );
    });

    it('is known to be dead where its emulator was killed, whatever the program says, and lives again', async () => {
      await killEmulator(name);
      const truth = await look(program, name);
      assert.equal(truth !== undefined && isDead(truth), true);
      assert.equal(truth?.info.status, 'running');
      // Its disk is there, so that it is found without a note of it, too.
      rmSync(`/tmp/qmp-${name}.sock`, { force: true });
      for (const own of [[name], []]) {
        assert.equal((await list(program, own)).find((vm) => vm.name === name)?.status, 'stopped');
      }
      assert.equal((await look(program, name))?.info.status, 'running');
      await start(program, name, bootSeconds);
      assert.equal((await look(program, name))?.process, 'runs');
    });

    inWhole('starts from dead, too', async () => {
      await killEmulator(name);
      await start(program, name, bootSeconds);
      assert.equal((await look(program, name))?.process, 'runs');
    });

    it('is neither stopped nor deleted where another process has got the number that the program noted', async () => {
      await killEmulator(name);
      const other = spawn('sleep', ['600'], { stdio: 'ignore' });
      try {
        noteProcess(rig, which, name, other.pid ?? 0);
        assert.equal((await look(program, name))?.process, 'taken');
        await assert.rejects(stop(program, name), /another program has that number/);
        const settled = await remove(program, name);
        assert.equal(settled.kind, 'failed');
        assert.equal(other.exitCode ?? other.signalCode, null);
      } finally {
        other.kill('SIGKILL');
      }
    });

    inWhole('is given up by the program after a bare list, and then only deleted', async () => {
      execFileSync(rig.programs[which].program, ['sandbox', 'list', '--json'], { stdio: 'ignore' });
      assert.equal((await look(program, name))?.info.status, 'error');
      await assert.rejects(start(program, name, bootSeconds), /can only be deleted/);
    });

    it('is deleted with its snapshots, also when asked twice', async () => {
      const others = (await program.snapshotIds()).length - (await listSnapshots(program, name)).length;
      assert.deepEqual(await remove(program, name), { kind: 'done' });
      assert.equal((await program.snapshotIds()).length, others);
      assert.deepEqual(await remove(program, name), { kind: 'done' });
      assert.equal(await look(program, name), undefined);
      assert.deepEqual(await emulatorsOf(machine, name), []);
    });
  });
}

/** Writes another process number into the program's own record, as after a restart of the computer. */
function noteProcess(rig: Rig, which: ProgramName, name: string, pid: number): void {
  const { python, data } = rig.programs[which];
  const script =
    'import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute("update vms set pid = ? where id = ?", (int(sys.argv[2]), sys.argv[3])); assert c.total_changes == 1; c.commit()';
  execFileSync(python, ['-c', script, `${data}/${which}.db`, String(pid), name]);
}
