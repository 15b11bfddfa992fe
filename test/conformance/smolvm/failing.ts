import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createVm, emulatorsOf, look, Program, remove } from '../../../src/sandbox/smolvm/program/index.ts';
import { downloading, type Downloading } from '../../support/smolvm/downloading.ts';
import type { ProgramName } from '../../support/smolvm/place.ts';
import type { Rig } from '../../support/smolvm/rig.ts';
import { eventually } from '../../support/vscode/eventually.ts';
import { freshName, machine, never, programOf, rigOrSkip, settings } from './programs.ts';

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
        240_000,
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
