import assert from 'node:assert/strict';
import { freePort, ProcessGroup } from '../../support/vscode/process-group.ts';

/** Whether a process runs; one that has ended but was not collected yet counts as ended. */
function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('a process group of the test host', () => {
  it('ends with everything that it started, also what does not listen', async () => {
    const deaf = "process.on('SIGTERM', () => {}); console.log('child', process.pid); setInterval(() => {}, 1000)";
    const parent = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(deaf)}], { stdio: 'inherit' })`;
    const group = new ProcessGroup(process.execPath, ['-e', parent], { env: process.env });
    await group.printed('child ');
    const child = Number(/child (\d+)/.exec(group.output)?.[1]);
    assert.equal(runs(child), true);
    await group.end();
    assert.equal(runs(child), false);
    assert.equal(runs(group.pid), false);
  });

  it('says what a program printed that ended too early', async () => {
    const group = new ProcessGroup(process.execPath, ['-e', "console.error('no such thing')"], { env: process.env });
    await assert.rejects(group.printed('ready'), /the program ended:\nno such thing/);
    await group.end();
  });

  it('finds ports that can be listened on', async () => {
    assert.ok((await freePort()) > 0);
  });
});
