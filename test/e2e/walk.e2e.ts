import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { modelName } from '../support/model/answer.ts';
import { demoAdded, demoFixed, demoFollowUp, demoPrompt, demoScript } from '../support/model/demoScript.ts';
import { startModelServer, type ModelServer } from '../support/model/server.ts';
import { running, sandboxProcesses } from '../support/story/leftovers.ts';
import { Story } from '../support/story/story.ts';
import { eventually } from '../support/vscode/eventually.ts';
import { Walk } from '../support/vscode/walk.ts';

/** One person's walk, step by step: each test goes on where the one before ended. */
describe('from "Run Agent in Sandbox" to accepted diffs', function () {
  this.timeout(300_000);
  this.bail(true);
  let model: ModelServer;
  let walk: Walk;
  let story: Story;
  const local = (path: string) => readFileSync(join(walk.folder, path), 'utf8');

  before(async () => {
    model = await startModelServer(demoScript);
    const settings = { 'airlock.model.name': modelName, 'airlock.model.baseUrl': model.url };
    walk = await Walk.start({ name: 'walk', fixture: 'demo-project', settings });
    story = new Story(walk);
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await walk.shot('failed');
  });

  after(async () => {
    await walk.end();
    await model.close();
  });

  it('shows what would be uploaded before a byte moves', async () => {
    const questions: string[] = [];
    await story.start(async (question) => {
      questions.push(question);
      await walk.shot('upload');
    });
    assert.match(questions.join('\n'), /5 files|Upload/);
    await walk.shot('ready');
  });

  it('lets the agent find and mend the bug, in view', async () => {
    await story.prompt(demoPrompt);
    await eventually(async () => (await story.transcript()).includes('node --test') || undefined, 'a command card');
    await walk.shot('working');
    await story.turnEnd();
    const answers = (await story.transcript()).split('The tests pass now').length - 1;
    assert.equal(answers, 1);
    assert.match(await story.beginning(), /exit 1/);
    await walk.shot('done');
    assert.match(local(demoFixed), /rest = seconds/, 'nothing came home yet');
  });

  it('shows the change in the native multi-diff', async () => {
    await story.review(demoFixed);
    await walk.shot('review');
  });

  it('keeps session, transcript and changes over a reload', async () => {
    await walk.workbench.reload();
    await walk.workbench.focusView('Airlock', 'Agent');
    await eventually(
      async () => (await story.transcript()).includes('The tests pass now') || undefined,
      'the transcript',
    );
    assert.match(await story.status(), /Ready/);
    await walk.shot('reloaded');
  });

  it('goes on in the same conversation', async () => {
    await story.prompt(demoFollowUp);
    await story.turnEnd();
    assert.match(await story.transcript(), /says what was fixed/);
  });

  it('applies what is checked, and the project is mended', async () => {
    await walk.workbench.focusView('Airlock', 'Changes');
    await walk.workbench.tree('Changes').find(demoAdded);
    await walk.shot('changes');
    assert.match(await story.apply(), /2 files/);
    await eventually(() => Promise.resolve(local(demoFixed).includes('rest -=') || undefined), 'the fix');
    execFileSync(process.execPath, ['--test'], { cwd: walk.folder });
    await walk.shot('applied');
  });

  it('undoes the last apply, also after the extension host was killed', async () => {
    await walk.workbench.killExtensionHost();
    await eventually(async () => (/Ready/.test(await story.status()) ? true : undefined), 'the session', 60_000);
    await story.undo();
    await eventually(() => Promise.resolve(local(demoFixed).includes('rest = seconds') || undefined), 'the old file');
  });

  it('leaves nothing running when the session is deleted', async () => {
    const pids = sandboxProcesses(walk.storage);
    assert.ok(pids.length > 3, 'keeper, bubblewrap and supervisor run until now');
    await story.delete();
    await eventually(() => Promise.resolve(running(pids).length === 0 || undefined), 'the end of the sandbox');
    await walk.shot('deleted');
  });
});
