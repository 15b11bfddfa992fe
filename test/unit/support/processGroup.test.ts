import assert from 'node:assert/strict';
import { skipBecause } from '../../support/commands/results.ts';
import { running } from '../../support/story/leftovers.ts';
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
    await group.end();
    assert.deepEqual(running([group.pid]), []);
    process.kill(Number(/neglects (\d+)/.exec(group.output)?.[1]));
  });

  it('says what a program printed that ended too early', async () => {
    const group = new ProcessGroup(process.execPath, ['-e', "console.error('no such thing')"], { env: process.env });
    await assert.rejects(group.printed('ready'), /the program ended:\nno such thing/);
    await group.end();
  });
});
