import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { skipBecause } from '../../../support/commands/results.ts';
import { OwnProcesses } from '../../../support/story/ownProcesses.ts';
import { fromPs, processTable } from '../../../support/story/processTable.ts';
import { eventually } from '../../../support/vscode/eventually.ts';

/** Starts a process that starts another one and, if told so, ends before it. */
async function parentAndChild(parentEnds: boolean): Promise<{ parent: number; child: number }> {
  const deaf = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)";
  const program = `const child = require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(deaf)}],
    { detached: true, stdio: 'ignore' }); child.unref(); process.stdout.write(child.pid + '\\n');
    ${parentEnds ? '' : 'setInterval(() => {}, 1000)'}`;
  const parent = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  parent.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const child = await eventually(() => Promise.resolve(said.includes('\n') ? Number(said) : undefined), 'the child');
  if (parentEnds) {
    await eventually(() => Promise.resolve(parent.exitCode === null ? undefined : true), 'the end of the parent');
  }
  return { parent: parent.pid ?? 0, child };
}

describe('what a process has started', () => {
  it('is ended with all below it, also what does not listen', async () => {
    const { parent, child } = await parentAndChild(false);
    const own = new OwnProcesses(parent);
    own.look();
    assert.deepEqual(
      [parent, child].map((pid) => own.left().includes(pid)),
      [true, true],
    );
    assert.deepEqual(await own.end(), []);
    assert.equal(processTable().has(child), false);
  });

  it('is known after its maker has ended, if it was seen before', async () => {
    const { parent, child } = await parentAndChild(false);
    const own = new OwnProcesses(parent);
    own.look();
    process.kill(parent, 'SIGKILL');
    assert.deepEqual(await own.gone(2_000), [child]);
    assert.deepEqual(await own.end(), []);
  });

  it('includes the sandboxes that records name, which nobody is the parent of', async () => {
    const storage = mkdtempSync(`${tmpdir()}/airlock-storage-`);
    try {
      const { parent, child } = await parentAndChild(true);
      for (const [name, text] of [
        ['whole', JSON.stringify({ sandbox: { data: { keeper: { pid: child } } } })],
        ['half', '{"sandbox":'],
        ['none', '{}'],
      ] as const) {
        mkdirSync(`${storage}/v1/sessions/${name}`, { recursive: true });
        writeFileSync(`${storage}/v1/sessions/${name}/record.json`, text);
      }
      const own = new OwnProcesses(parent);
      assert.equal(
        own.look().some(({ pid }) => pid === child),
        false,
      );
      own.watch(storage);
      assert.equal(
        own.look().some(({ pid }) => pid === child),
        true,
      );
      assert.deepEqual(await own.end(), []);
      assert.equal(processTable().has(child), false);
    } finally {
      rmSync(storage, { recursive: true, force: true });
    }
  });
});

describe('the table of processes', () => {
  it('reads what ps prints, on macOS as on Linux', () => {
    const mac =
      '    1     0     1 Ss   Thu Nov 26 06:00:01 2026\n  412     1   400 S+   Thu Nov 26 06:10:20 2026    \n';
    const dead = '  413   412   400 Z    Thu Nov 26 06:10:21 2026\n';
    assert.deepEqual(fromPs(mac + dead), [
      { pid: 1, parent: 0, group: 1, started: 'Thu Nov 26 06:00:01 2026' },
      { pid: 412, parent: 1, group: 400, started: 'Thu Nov 26 06:10:20 2026' },
    ]);
  });

  it('says the same by ps as by /proc', function () {
    const { status, stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,pgid=,state=,lstart='], { encoding: 'utf8' });
    if (status !== 0) skipBecause(this, 'no ps here');
    const own = fromPs(stdout).find(({ pid }) => pid === process.pid);
    const same = processTable().get(process.pid);
    assert.deepEqual([own?.parent, same?.parent], [process.ppid, process.ppid]);
    assert.equal(own?.group, same?.group);
  });
});
