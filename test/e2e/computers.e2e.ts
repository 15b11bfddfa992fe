import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AnotherMachine } from '../support/celesto/anotherMachine.ts';
import { startCelestoDouble, type CelestoDouble } from '../support/celesto/double.ts';
import { modelName } from '../support/model/answer.ts';
import { startModelServer, type ModelServer } from '../support/model/server.ts';
import { Story } from '../support/story/story.ts';
import { eventually } from '../support/vscode/eventually.ts';
import { Walk } from '../support/vscode/walk.ts';
import { inOrder } from '../support/story/inOrder.ts';
import { isServed, left, script } from './support/account.ts';

/** A person and the computers of their account. Each test goes on where the one before ended. */
describe('the computers of an account', function () {
  this.timeout(240_000);
  inOrder();
  let model: ModelServer;
  let double: CelestoDouble;
  let elsewhere: AnotherMachine;
  let walk: Walk;
  let story: Story;
  const computers = () => walk.workbench.tree('Computers');
  const changes = () => walk.workbench.tree('Changes');
  const ports = () => walk.workbench.tree('Ports');

  before(async () => {
    model = await startModelServer(script);
    double = await startCelestoDouble();
    elsewhere = new AnotherMachine(double);
    const settings = {
      'airlock.model.name': modelName,
      'airlock.model.baseUrl': model.url,
      'airlock.celesto.baseUrl': double.url,
    };
    const env = { CELESTO_API_KEY: double.apiKey };
    walk = await Walk.start({ name: 'computers', fixture: 'hello-project', settings, env });
    story = new Story(walk);
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await walk.shot('failed');
  });

  after(async () => {
    await walk.end();
    elsewhere.close();
    await double.close();
    await model.close();
  });

  const show = async () => await walk.workbench.focusView('Airlock', 'Computers');
  const listed = async () => (await computers().rows()).map(({ label, description }) => `${label} · ${description}`);
  const lists = async (wanted: RegExp, what = wanted.source) =>
    await eventually(async () => {
      const rows = await listed();
      return rows.length === 1 && wanted.test(rows[0] ?? '') ? rows[0] : undefined;
    }, `one computer: ${what}`);
  /** Answers the modal question and gives its words. */
  async function agree(question: RegExp, button: string, title: string): Promise<string> {
    const { message, detail } = await walk.workbench.messages.dialog();
    assert.match(message, question);
    await walk.shot(title);
    await walk.workbench.messages.answer(button);
    return detail;
  }
  const status = (wanted: RegExp) =>
    eventually(async () => wanted.test(await story.status()) || undefined, String(wanted));
  const says = (text: string) =>
    eventually(async () => (await story.transcript()).includes(text) || undefined, `“${text}”`);
  /** Neither the list nor the account has a computer any more. */
  async function isEmpty(): Promise<void> {
    await computers().welcome().waitFor();
    await eventually(() => Promise.resolve(double.computers().length === 0 || undefined), 'no computer');
  }
  const local = (path: string) => readFileSync(join(walk.folder, path), 'utf8');

  it('asks nobody before the view is shown, and then says what keeps a kind from answering', async () => {
    assert.equal(double.requests.length, 0);
    await show();
    await lists(/^Celesto · Sign In · You are not signed in/);
    assert.equal(double.requests.length, 0, 'a key in the environment is no consent');
    await walk.inBothThemes('signed-out');
    await computers().click('Celesto');
    await agree(/^Use CELESTO_API_KEY from the environment/, 'Use This Key', 'sign-in');
    await computers().welcome().waitFor();
    await walk.shot('none');
  });

  it('shows a computer that another machine left, with its size and state', async () => {
    await elsewhere.leaveComputer({ cpus: 2, memory: 2048 }, left);
    await computers().titleAction('Refresh Computers');
    await lists(/ · not from here · 2 CPU, 2048 MiB memory, stopped · now · Celesto$/);
    await walk.inBothThemes('foreign');
  });

  it('attaches it to the folder: nothing is written, and both sides are shown', async () => {
    const [row] = await computers().rows();
    await computers().menu(row?.label ?? '', 'Attach Computer…');
    const detail = await agree(/^Attach “.*” to the folder “hello-project”\?$/, 'Attach', 'attach');
    assert.match(detail, /two-way/);
    await changes().find('README.md');
    await status(/Ready/);
    await eventually(async () => {
      const rows = (await changes().rows()).filter(({ level }) => level === 2);
      const told = rows.map(({ label, checked }) => `${label} ${checked}`);
      return told.join() === 'elsewhere.txt true,README.md false' || undefined;
    }, 'both sides');
    assert.match((await changes().find('README.md')).description, /what there was before is not known/);
    await walk.workbench.page.getByText('Compared two ways').first().waitFor();
    assert.doesNotMatch(local('README.md'), /elsewhere/);
    await walk.inBothThemes('two-way');
    await story.review('README.md');
    const isTold = async () => (await walk.workbench.tabs()).some((tab) => tab.includes('compared two ways'));
    await eventually(async () => (await isTold()) || undefined, 'how it was compared');
    await walk.inBothThemes('two-way-review');
  });

  it('takes home what is checked, after saying that it was compared two ways', async () => {
    await walk.workbench.command('Airlock: Apply Checked Changes…');
    const detail = await agree(/^Apply 1 file to “hello-project”\?$/, 'Apply', 'apply');
    assert.match(detail, /^Files: elsewhere\.txt\.\s*Compared two ways/);
    await eventually(() => Promise.resolve(local('elsewhere.txt') === 'new\n' || undefined), 'the file');
    await walk.workbench.focusView('Airlock', 'Sessions');
    await eventually(async () => {
      const [session] = await walk.workbench.tree('Sessions').rows();
      return /^Ready · 1 changed · .*attached · Celesto$/.test(session?.description ?? '') || undefined;
    }, 'the attached session');
    await show();
    await lists(/ · “.*”, attached · 2 CPU, 2048 MiB memory, running · /);
    await walk.inBothThemes('attached');
  });

  it('lets go of it with the session, and deletes it when asked by name', async () => {
    await walk.workbench.command('Airlock: End Session…');
    assert.match(await agree(/^End “/, 'End Session', 'end-attached'), /goes on running and may cost money/);
    await lists(/ · not from here · .*running/);
    assert.equal(double.computers().length, 1);
    const [row] = await computers().rows();
    await computers().menu(row?.label ?? '', 'Delete Computer…');
    const detail = await agree(/^Delete the computer “.*”\?$/, 'Delete Computer', 'delete-foreign');
    assert.match(detail, /not started from this machine/);
    await isEmpty();
  });

  it('shows a computer of a session of its own, with the time it has left', async () => {
    await walk.workbench.quickInput.pick('Airlock: Choose Sandbox…', 'Celesto');
    await walk.workbench.command('Airlock: New Session');
    await agree(/^Send /, 'Upload and Start', 'upload');
    await status(/Ready/);
    await story.prompt('change it');
    await says('Answer to: change it');
    await show();
    await lists(/ · “change it” · 1 CPU, 1024 MiB memory, running · .*shuts down in \d+ min · Celesto$/);
    await walk.inBothThemes('own');
  });

  it('publishes a port only after a question in words, lists it, and takes it back', async () => {
    await story.prompt('serve it');
    await says('Answer to: serve it');
    await walk.workbench.focusView('Airlock', 'Ports');
    await ports().find('8123');
    const url = await publish();
    assert.equal(await (await fetch(url)).text(), 'from inside');
    await walk.inBothThemes('public');
    await takeBack();
    await eventually(async () => ((await isServed(url)) ? undefined : true), 'the end of the address');
    assert.equal(await isServed(await publish()), true, 'for what comes next: it goes with its computer');
  });

  /** Publishes the port as a person does; answers with its address. */
  async function publish(): Promise<string> {
    await ports().menu('8123', 'Publish Port on the Internet…');
    await walk.workbench.quickInput.choose('15 minutes');
    const detail = await agree(/^Publish port 8123.* on the internet\?$/, 'Publish', 'publish');
    assert.match(detail, /It becomes public on the internet, without a password/);
    const { message } = await walk.workbench.messages.notification('is public, without a password');
    await eventually(async () => /^Public until/.test((await ports().find('8123')).description) || undefined, 'public');
    await walk.workbench.command('Notifications: Clear All Notifications');
    return /https?:\S+/.exec(message)?.[0] ?? '';
  }

  async function takeBack(): Promise<void> {
    await ports().menu('8123', 'Take Port off the Internet');
    await eventually(async () => !/Public/.test((await ports().find('8123')).description) || undefined, 'private');
  }

  it('tries again what failed, and asks the agent for nothing', async () => {
    const prompts = async () => (await story.transcript()).split('You asked').length;
    const [before, asked] = [await prompts(), model.requests.length];
    await takeBack();
    const match = `POST /v1/computers/${double.computers()[0]?.id ?? ''}/published-ports`;
    double.knobs.faults = [{ kind: '409', at: 1, match }];
    await ports().menu('8123', 'Publish Port on the Internet…');
    await walk.workbench.quickInput.choose('15 minutes');
    await agree(/^Publish port 8123/, 'Publish', 'publish-refused');
    await walk.workbench.messages.press('in a state that does not allow this now', 'Try Again');
    await walk.workbench.quickInput.opened('Publish Port 8123 on the Internet');
    double.knobs.faults = [];
    await walk.workbench.quickInput.choose('15 minutes');
    await agree(/^Publish port 8123/, 'Publish', 'publish-again');
    await walk.workbench.messages.notification('is public, without a password');
    assert.deepEqual([await prompts(), model.requests.length], [before, asked]);
    await walk.workbench.command('Notifications: Clear All Notifications');
  });

  it('comes back to a computer that is gone: says so, and loses nothing', async () => {
    await walk.restart(() => elsewhere.deleteAll());
    story = new Story(walk);
    await walk.workbench.focusView('Airlock', 'Agent');
    await says('The sandbox is gone.');
    await walk.workbench.focusView('Airlock', 'Changes');
    await changes().find('made.txt');
    await walk.inBothThemes('gone');
    const box = (await story.panel()).locator('.prompt-box');
    await story.promptOnly('Go on');
    assert.match((await walk.workbench.messages.dialog()).message, /^Start a new sandbox/);
    await walk.workbench.messages.dismiss();
    await eventually(async () => (await box.inputValue()) === 'Go on' || undefined, 'the prompt, theirs to keep');
    assert.deepEqual(double.computers(), [], 'nothing is made before the person says so');
    await story.press('Start New Sandbox from Last Checkpoint');
    const question = /^Start a new sandbox \(Celesto\) for “change it” from the last checkpoint\?$/;
    const detail = await agree(question, 'Start New Sandbox', 'refill');
    assert.match(detail, /costs money/);
    await status(/Ready/);
    await says('Starting a new sandbox with');
    await walk.workbench.focusView('Airlock', 'Ports');
    await eventually(
      async () => (await ports().rows()).length === 0 || undefined,
      'no row, as nothing of the old one is public any more',
    );
    await walk.shot('refilled');
    await changes().find('made.txt');
    await show();
    await lists(/ · “change it” · /);
    await story.prompt('Go on');
    await says('Answer to: Go on');
  });

  it('leads from a limit of the account to its computers, and to its page', async () => {
    double.knobs.createRefusal = 'concurrency_limit_reached';
    await walk.workbench.focusView('Airlock', 'Sessions');
    await walk.workbench.command('Airlock: New Session');
    await agree(/^Send /, 'Upload and Start', 'upload-again');
    await walk.workbench.messages.press('as your plan allows', 'Show Computers');
    await lists(/ · “change it” · /);
    await walk.shot('limit');
    double.knobs.createRefusal = undefined;
    await walk.workbench.command('Airlock: Open Account Page');
    const { detail, message } = await walk.workbench.messages.dialog();
    assert.match(`${message} ${detail}`, /celesto\.ai/);
    await walk.workbench.messages.dismiss();
  });

  it('deletes its own only with the session, whose work stays', async () => {
    await lists(/ · “change it” · /);
    const [row] = await computers().rows();
    await computers().menu(row?.label ?? '', 'Delete Computer…');
    const detail = await agree(/^End “change it” and delete its computer/, 'End Session and Delete', 'delete-own');
    assert.match(detail, /of the folder “hello-project”/);
    await isEmpty();
    await walk.workbench.quickInput.pick('Airlock: Open Session…', 'change it');
    await changes().find('made.txt');
    assert.match(await story.apply(), /^Apply 1 file/);
    await eventually(() => Promise.resolve(local('made.txt') === 'made\n' || undefined), 'the file');
  });

  it('stops a computer again that was started for a look alone, when the question for its folder is dismissed', async () => {
    await elsewhere.leaveComputer({}, 'mkdir -p /workspace/another-project');
    await show();
    await computers().titleAction('Refresh Computers');
    await lists(/ · not from here · .*stopped/);
    const [row] = await computers().rows();
    await computers().menu(row?.label ?? '', 'Attach Computer…');
    await agree(/^Attach /, 'Attach', 'attach-another');
    const { quickInput } = walk.workbench;
    const question = `Attach “${row?.label}”`;
    await eventually(async () => (await quickInput.isOpen(question)) || undefined, 'the question');
    await walk.shot('which-folder');
    assert.equal(double.computers()[0]?.status, 'running');
    await quickInput.cancel();
    await lists(/ · not from here · .*stopped/);
  });
});
