import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoAdded, demoFixed, demoFollowUp, demoPrompt, demoScript } from '../support/model/demoScript.ts';
import { running, sandboxProcesses } from '../support/story/leftovers.ts';
import { onStage } from '../support/story/stage.ts';
import { eventually } from '../support/vscode/eventually.ts';
import { inOrder } from '../support/story/inOrder.ts';

/** One person's walk, step by step: each test goes on where the one before ended. */
describe('from "Run Agent in Sandbox" to accepted diffs', function () {
  this.timeout(300_000);
  inOrder();
  const stage = onStage({ name: 'walk', fixture: 'demo-project', script: demoScript });
  const local = (path: string) => readFileSync(join(stage.walk.folder, path), 'utf8');

  it('shows what would be uploaded before a byte moves', async () => {
    const questions: string[] = [];
    await stage.story.start(async (question) => {
      questions.push(question);
      await stage.walk.shot('upload');
    });
    assert.match(questions.join('\n'), /5 files|Upload/);
    await stage.walk.shot('ready');
  });

  it('lets the agent find and mend the bug, in view', async () => {
    await stage.story.prompt(demoPrompt);
    await eventually(
      async () => (await stage.story.transcript()).includes('node --test') || undefined,
      'a command card',
    );
    await stage.walk.shot('working');
    await stage.story.turnEnd();
    const answers = (await stage.story.transcript()).split('The tests pass now').length - 1;
    assert.equal(answers, 1);
    assert.match(await stage.story.beginning(), /exit 1/);
    await stage.walk.shot('done');
    assert.match(local(demoFixed), /rest = seconds/, 'nothing came home yet');
  });

  it('shows the change in the native multi-diff', async () => {
    await stage.story.review(demoFixed);
    await stage.walk.shot('review');
  });

  it('keeps session, transcript and changes over a reload', async () => {
    await stage.walk.workbench.reload();
    await stage.walk.workbench.focusView('Airlock', 'Agent');
    await eventually(
      async () => (await stage.story.transcript()).includes('The tests pass now') || undefined,
      'the transcript',
    );
    await eventually(async () => /Ready/.test(await stage.story.status()) || undefined, 'the session');
    await stage.walk.shot('reloaded');
  });

  it('goes on in the same conversation', async () => {
    await stage.story.prompt(demoFollowUp);
    await stage.story.turnEnd();
    assert.match(await stage.story.transcript(), /says what was fixed/);
  });

  it('applies what is checked, and the project is mended', async () => {
    await stage.walk.workbench.focusView('Airlock', 'Changes');
    await stage.walk.workbench.tree('Changes').find(demoAdded);
    await stage.walk.shot('changes');
    assert.match(await stage.story.apply(), /2 files/);
    await eventually(() => Promise.resolve(local(demoFixed).includes('rest -=') || undefined), 'the fix');
    execFileSync(process.execPath, ['--test'], { cwd: stage.walk.folder });
    await stage.walk.shot('applied');
  });

  it('undoes the last apply, also after the extension host was killed', async () => {
    await stage.walk.workbench.killExtensionHost();
    await eventually(async () => (/Ready/.test(await stage.story.status()) ? true : undefined), 'the session');
    await stage.story.undo();
    await eventually(() => Promise.resolve(local(demoFixed).includes('rest = seconds') || undefined), 'the old file');
  });

  it('leaves nothing running when the session is deleted', async () => {
    const pids = sandboxProcesses(stage.walk.storage);
    assert.ok(pids.length > 3, 'keeper, bubblewrap and supervisor run until now');
    await stage.story.delete();
    await eventually(() => Promise.resolve(running(pids).length === 0 || undefined), 'the end of the sandbox');
    await stage.walk.shot('deleted');
  });
});
