import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  createVm,
  deleteSnapshot,
  emulatorsOf,
  expose,
  forwards,
  look,
  Program,
  remove,
  restoreSnapshot,
  snapshots,
  stop,
  takeSnapshot,
  unexpose,
} from '../../../src/sandbox/smolvm/program/index.ts';
import { downloading, type Downloading } from '../../support/smolvm/downloading.ts';
import type { ProgramName } from '../../support/smolvm/place.ts';
import type { Rig } from '../../support/smolvm/rig.ts';
import { eventually } from '../../support/vscode/eventually.ts';
import { created, deleted, freshName, machine, never, programOf, rigOrSkip, settings } from './programs.ts';

/** What is left of creates that fail, by one of the published programs. */
export function describeFailing(which: ProgramName): void {
  describe(`a create of the real ${which} that fails`, function () {
    this.timeout(600_000);
    this.slow(60_000);
    let rig: Rig;
    let program: Program;

    before(async function () {
      rig = await rigOrSkip(this);
      program = programOf(rig, which);
    });

    const nothingLeft = async (name: string) => {
      assert.equal(await look(program, name), undefined);
      assert.deepEqual(await emulatorsOf(machine, name), []);
    };

    const programAt = ({ program: path, home }: Downloading) =>
      new Program({ machine, path: () => path, home: () => home, log: () => undefined });

    for (const moment of ['Preparing', 'Booting', 'Waiting']) {
      it(`leaves nothing when it is cancelled while: ${moment}`, async () => {
        const name = freshName();
        const cancel = new AbortController();
        const step = ({ title }: { title: string }) => title.startsWith(moment) && cancel.abort();
        const outcome = await createVm(program, { name, settings: settings() }, step, cancel.signal);
        assert.deepEqual([outcome.kind, outcome.kind !== 'ready' && outcome.problem.id], ['none', 'aborted']);
        await nothingLeft(name);
      });
    }

    it('leaves nothing when its time is over before the system has come up', async () => {
      const name = freshName();
      const outcome = await createVm(program, { name, settings: settings({ bootTimeout: 1 }) }, () => undefined, never);
      assert.equal(outcome.kind, 'none');
      assert.match(outcome.problem.detail, /did not answer in time/);
      await nothingLeft(name);
    });

    it('leaves nothing when options are refused', async () => {
      const name = freshName();
      const outcome = await createVm(program, { name, settings: settings({ memory: 64 }) }, () => undefined, never);
      assert.deepEqual([outcome.kind, outcome.kind !== 'ready' && outcome.problem.id], ['none', 'bad-input']);
      await nothingLeft(name);
    });

    it('leaves nothing when it is killed at once, as with the editor, and is deleted by its name later', async () => {
      const name = freshName();
      const args = ['sandbox', 'create', '--name', name, '--os', 'alpine', '--comm-channel', 'ssh', '--json'];
      const create = spawn(rig.programs[which].program, args, { stdio: 'ignore' });
      await eventually(
        async () => ((await emulatorsOf(machine, name)).length > 0 ? true : undefined),
        'its emulator',
        60_000,
      );
      create.kill('SIGKILL');
      assert.deepEqual(await remove(program, name), { kind: 'done' });
      await nothingLeft(name);
    });

    it('tells of a download by bytes and percentage, and leaves no half of it when it is cancelled', async () => {
      const slow = await downloading(rig, which);
      try {
        const cancel = new AbortController();
        const details: string[] = [];
        const step = ({ title, detail = '' }: { title: string; detail?: string }) => {
          if (title !== 'Downloading the image') return;
          details.push(detail);
          if (/\(([1-9]\d) %\)$/.test(detail)) cancel.abort();
        };
        const asked = settings({ os: 'ubuntu', backend: 'qemu' });
        const outcome = await createVm(programAt(slow), { name: freshName(), settings: asked }, step, cancel.signal);
        assert.deepEqual([outcome.kind, outcome.kind !== 'ready' && outcome.problem.id], ['none', 'aborted']);
        assert.match(details.at(-1) ?? '', /^kernel: \d\.\d of 3\.0 MB \(\d\d %\)$/);
        assert.deepEqual(slow.files(), []);
      } finally {
        await slow.remove();
      }
    });

    it('says that the image could not be had when its download fails', async () => {
      const slow = await downloading(rig, which);
      try {
        const asked = settings({ os: 'ubuntu', backend: 'qemu' });
        const outcome = await createVm(programAt(slow), { name: freshName(), settings: asked }, () => undefined, never);
        assert.equal(outcome.kind, 'none');
        assert.match(outcome.problem.detail, /could not be downloaded whole/);
      } finally {
        await slow.remove();
      }
    });
  });
}

/** Snapshots and forwarded ports, by one of the published programs. */
export function describeMore(which: ProgramName): void {
  describe(`snapshots and ports of the real ${which}`, function () {
    this.timeout(600_000);
    this.slow(60_000);
    let program: Program;
    const name = freshName();
    const id = `${name}-s`;

    before(async function () {
      program = programOf(await rigOrSkip(this), which);
      await created(program, name);
    });
    after(() => deleted(program, name));

    it('are forwarded, listed and taken back', async () => {
      const ports = await expose(program, name, { host: 0, guest: 8000 }).catch(() => undefined);
      const made = ports ?? (await expose(program, name, { host: 28_000 + (process.pid % 1000), guest: 8000 }));
      assert.deepEqual(
        (await forwards(program, name)).map(({ host_port: host, guest_port: guest }) => ({ host, guest })),
        [made],
      );
      await unexpose(program, name, made);
      await unexpose(program, name, made);
      assert.deepEqual(await forwards(program, name), []);
    });

    it('are taken without a stop, restored under the same name, and deleted', async () => {
      const taken = await takeSnapshot(program, name, id);
      assert.deepEqual(
        [taken.snapshot_id, taken.vm_id, (await look(program, name))?.info.status],
        [id, name, 'running'],
      );
      assert.deepEqual(
        (await snapshots(program, name)).map((one) => one.snapshot_id),
        [id],
      );
      assert.equal((await restoreSnapshot(program, name, id)).restored, true);
      assert.deepEqual(
        [(await look(program, name))?.info.status, (await look(program, name))?.process],
        ['running', 'runs'],
      );
      await stop(program, name);
      await deleteSnapshot(program, id);
      assert.deepEqual(await snapshots(program, name), []);
    });
  });
}
