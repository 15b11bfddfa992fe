import assert from 'node:assert/strict';
import { skipBecause } from '../../support/commands/results.ts';
import { running } from '../../support/story/leftovers.ts';
import { processTable } from '../../support/story/processTable.ts';
import { eventually } from '../../support/vscode/eventually.ts';
import { ProcessGroup } from '../../support/vscode/process-group.ts';

describe('a process group of the test host', () => {
  it('ends with everything that it started, also what does not listen', async () => {
    const deaf = "process.on('SIGTERM', () => {}); console.log('child', process.pid); setInterval(() => {}, 1000)";
    const parent = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(deaf)}], { stdio: 'inherit' })`;
    const group = new ProcessGroup(process.execPath, ['-e', parent], { env: process.env });
    await group.printed('child ');
    const child = Number(/child (\d+)/.exec(group.output)?.[1]);
    assert.deepEqual(running([group.pid, child]), [group.pid, child]);
    await group.end();
    assert.deepEqual(running([group.pid, child]), []);
  });

  it('does not wait for an ended process that nobody collects', async function () {
    if (process.platform !== 'linux') skipBecause(this, 'setsid(1) is for Linux');
    const neglect = 'sh -c "exit 0" & echo "neglects $$"; exec setsid sleep 300';
    const group = new ProcessGroup('/bin/sh', ['-c', '(exec sh -c "$0") & exec sleep 300', neglect], {
      env: process.env,
    });
    await group.printed('neglects ');
    const neglecting = Number(/neglects (\d+)/.exec(group.output)?.[1]);
    // It is out of the group, and neglects, a moment after it said so.
    const isApart = () => processTable().get(neglecting)?.group === neglecting || undefined;
    await eventually(() => Promise.resolve(isApart()), 'a group of its own');
    await group.end();
    assert.deepEqual(running([group.pid]), []);
    process.kill(neglecting);
  });

  it('says what a program printed that ended too early', async () => {
    const group = new ProcessGroup(process.execPath, ['-e', "console.error('no such thing')"], { env: process.env });
    await assert.rejects(group.printed('ready'), /the program ended:\nno such thing/);
    await group.end();
  });
});
