import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelName } from '../support/model/answer.ts';
import { type ModelScript, shellCall } from '../support/model/script.ts';
import { startModelServer, type ModelServer } from '../support/model/server.ts';
import { running, sandboxProcesses } from '../support/story/leftovers.ts';
import { Sleepers } from '../support/story/sleepers.ts';
import { Story } from '../support/story/story.ts';
import { eventually } from '../support/vscode/eventually.ts';
import { Walk } from '../support/vscode/walk.ts';
import { inOrder } from '../support/story/inOrder.ts';

const sleepers = new Sleepers();
const change = "printf 'one\\n' >one.txt; printf 'two\\n' >two.txt; printf 'Hello again\\n' >>README.md";
const count = 'i=0; while :; do i=$((i+1)); echo "line $i"; sleep 0.2; done';
const more = "printf 'three\\n' >three.txt";

const script: ModelScript = ({ entries, round }) => {
  const asked = entries.findLast(({ kind }) => kind === 'user');
  const text = asked?.kind === 'user' ? asked.text : '';
  const command = { wait: sleepers.command, change, count, more }[text.split(' ')[0] ?? ''];
  return round === 0 && command !== undefined ? { calls: [shellCall(command)] } : { text: `Answer to: ${text}` };
};

/** An endpoint that is not this machine and can never be reached (RFC 2606). */
const elsewhere = 'https://models.invalid/v1';

/** What a person does with sessions, besides the straight way. Each test goes on where the one before ended. */
describe('sessions, from the first question to the end', function () {
  this.timeout(240_000);
  inOrder();
  let model: ModelServer;
  let tools: string;
  let walk: Walk;
  let story: Story;
  const local = (path: string) => join(walk.folder, path);

  before(async () => {
    model = await startModelServer(script);
    tools = mkdtempSync(join(tmpdir(), 'airlock-tools-'));
    const bin = join(tools, '.deno', 'bin');
    mkdirSync(bin, { recursive: true });
    chmodSync(tools, 0o755);
    const settings = { 'airlock.model.name': modelName, 'airlock.model.baseUrl': model.url };
    // The editor takes PATH from a login shell, as at a person's.
    writeFileSync(join(tools, '.profile'), `export PATH='${bin}':"$PATH"\n`);
    const env = { HOME: tools, OPENAI_API_KEY: 'sk-of-the-environment' };
    walk = await Walk.start({ name: 'sessions', fixture: 'hello-project', settings, env });
    story = new Story(walk);
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await walk.shot('failed');
  });

  after(async () => {
    await walk.end();
    await model.close();
    rmSync(tools, { recursive: true });
  });

  const says = async (text: string) => {
    await eventually(async () => (await story.transcript()).includes(text) || undefined, `“${text}”`);
  };
  const status = async (wanted: RegExp) => {
    await eventually(async () => wanted.test(await story.status()) || undefined, String(wanted));
  };
  /** Starts, and answers the questions that follow with these buttons; without a button by Escape. */
  async function start(title: string, ...answers: readonly (readonly [question: RegExp, button?: string])[]) {
    await walk.workbench.command(`Airlock: ${title}`);
    const { messages } = walk.workbench;
    for (const [question, button] of answers) {
      const { message } = await messages.dialog();
      assert.match(message, question);
      await walk.shot('question');
      if (button === undefined) await messages.dismiss();
      else await messages.answer(button);
    }
  }

  const readTools = /^Let the sandbox read these tools\? .*Deno/;
  const send = /^Send 1 file \(\d+ B\) from “hello-project”/;

  it('asks for tools by name; a dismissed question starts nothing', async () => {
    await walk.workbench.setTheme('Dark Modern');
    await walk.workbench.quickInput.pick('Airlock: Choose Sandbox…', 'Built-in');
    await start('Run Agent in Sandbox', [readTools]);
    await eventually(async () => !(await walk.workbench.messages.isDialogOpen()) || undefined, 'no question');
    await walk.workbench.focusView('Airlock', 'Sessions');
    await walk.workbench.tree('Sessions').welcome().waitFor();
    await start('Run Agent in Sandbox', [readTools, 'Start Without Them'], [send]);
    await walk.workbench.tree('Sessions').welcome().waitFor();
  });

  it('asks about the folder once more, not about the tools, and remembers both', async () => {
    await walk.workbench.setTheme('Light Modern');
    await start('Run Agent in Sandbox', [send, 'Upload and Don’t Ask Again for This Folder']);
    await status(/Ready/);
    await story.prompt('First session');
    await says('Answer to: First session');
  });

  it('starts a second session without a question', async () => {
    await walk.workbench.command('Airlock: New Session');
    const rows = () => walk.workbench.tree('Sessions').rows();
    await walk.workbench.focusView('Airlock', 'Sessions');
    await eventually(async () => {
      assert.equal(await walk.workbench.messages.isDialogOpen(), false);
      return (await rows()).filter(({ description }) => description.startsWith('Ready')).length === 2 || undefined;
    }, 'two ready sessions');
    await story.prompt('Second session');
    await says('Answer to: Second session');
    await walk.inBothThemes('trees');
  });

  it('opens the other session with its own conversation', async () => {
    await walk.workbench.quickInput.pick('Airlock: Open Session…', 'First session');
    await says('Answer to: First session');
    assert.doesNotMatch(await story.transcript(), /Second session/);
  });

  it('leaves the row of a session alone while nothing of it looks different: a click would lose it', async () => {
    await story.prompt('count lines');
    const { page } = walk.workbench;
    const tree = '[role=tree][aria-label="Sessions"]';
    const isRunning = async () =>
      (await walk.workbench.tree('Sessions').rows()).some(({ description }) => description.startsWith('Running')) ||
      undefined;
    await eventually(isRunning, 'the row of the running command');
    const last = async () =>
      Number(
        (await story.transcript())
          .match(/line (\d+)/g)
          ?.at(-1)
          ?.slice(5) ?? 0,
      );
    await eventually(async () => (await last()) > 0 || undefined, 'its output');
    await page.evaluate(
      `window.drawn = 0; new MutationObserver((all) => { window.drawn += all.length; }).observe(document.querySelector('${tree}'), { childList: true, subtree: true });`,
    );
    const first = await last();
    await eventually(async () => (await last()) > first + 10 || undefined, 'more of its output');
    assert.equal(await page.evaluate('window.drawn'), 0);
    await walk.workbench.command('Airlock: Stop Agent');
    await status(/Ready/);
    assert.ok(Number(await page.evaluate('window.drawn')) > 0, 'what looks different is drawn');
  });

  it('says what a reload in the middle of a command interrupted, and goes on', async () => {
    await story.prompt('wait here');
    await eventually(() => Promise.resolve(sleepers.running() === 2 || undefined), 'the running command');
    await walk.workbench.reload();
    await walk.workbench.focusView('Airlock', 'Agent');
    await status(/Interrupted/);
    await says('wait here');
    await says('Running in background');
    assert.equal(sleepers.running(), 2, 'what is said to run runs');
    await walk.shot('interrupted');
    await story.press('Continue');
    await says('Answer to: Continue where you were interrupted');
  });

  it('offers a rejected change no more', async () => {
    await story.prompt('change files');
    await says('Answer to: change files');
    await walk.workbench.focusView('Airlock', 'Changes');
    const tree = walk.workbench.tree('Changes');
    await tree.find('one.txt');
    await walk.inBothThemes('changes');
    await tree.menu('one.txt', 'Reject Changes…');
    const { message, detail } = await walk.workbench.messages.dialog();
    assert.match(`${message} ${detail}`, /^Reject 1 change\? one\.txt\.They stay/);
    await walk.workbench.messages.answer('Reject');
    const labels = async () => (await tree.rows()).map(({ label }) => label).sort();
    const left = async (...wanted: readonly string[]) => {
      await eventually(async () => (await labels()).join() === wanted.join() || undefined, `only ${wanted.join()}`);
    };
    await left('README.md', 'two.txt');
    await walk.workbench.command('Airlock: Refresh Changes');
    await story.prompt('more files');
    await says('Answer to: more files');
    await left('README.md', 'three.txt', 'two.txt');
    await story.review('README.md');
    await walk.inBothThemes('review');
  });

  it('stops the sandbox with all that runs in it, and starts it again on the same files', async () => {
    assert.equal(sleepers.running(), 2);
    await walk.workbench.command('Airlock: Stop Sandbox');
    await status(/Stopped/);
    await eventually(() => Promise.resolve(sleepers.running() === 0 || undefined), 'the end of the command');
    assert.deepEqual(sandboxProcesses(walk.storage).length > 0, true, 'the other session goes on');
    await eventually(
      async () => !(await story.beginning()).includes('Running in background') || undefined,
      'a card that says that nothing runs',
    );
    await walk.workbench.command('Airlock: Restart Sandbox');
    await status(/Ready/);
    await walk.workbench.focusView('Airlock', 'Changes');
    await walk.workbench.tree('Changes').find('three.txt');
  });

  it('ends a session: its sandbox goes, its changes can still be taken home', async () => {
    const before = sandboxProcesses(walk.storage);
    await walk.workbench.command('Airlock: End Session…');
    assert.match((await walk.workbench.messages.dialog()).message, /^End “First session”\?/);
    await walk.workbench.messages.answer('End Session');
    await walk.workbench.focusView('Airlock', 'Sessions');
    const row = () => walk.workbench.tree('Sessions').find('First session');
    await eventually(async () => (await row()).description.startsWith('Ended') || undefined, 'the end');
    await eventually(() => Promise.resolve(running(before).length < before.length || undefined), 'fewer processes');
    await says('Answer to: more files');
    assert.match(await story.apply(), /^Apply 3 files/);
    await eventually(() => Promise.resolve(readFileSync(local('three.txt'), 'utf8') || undefined), 'the file');
    assert.throws(() => readFileSync(local('one.txt')));
    await walk.shot('ended');
  });

  it('uses a key of the environment only after saying so, and forgets that', async () => {
    await useEndpoint(elsewhere);
    await walk.workbench.quickInput.pick('Airlock: Open Session…', 'Second session');
    await says('Answer to: Second session');
    const consent = /^Use OPENAI_API_KEY from the environment for models\.invalid\?/;
    await ask('Where do you go?', consent, 'Use This Key');
    // What came home from the other session is new to this one.
    assert.match((await walk.workbench.messages.dialog()).message, /^Send 3 files/);
    await walk.workbench.messages.answer('Send Changes');
    await says('could not be reached');
    await walk.inBothThemes('errors');
    await story.prompt('And now?');
    await eventually(async () => {
      assert.equal(await walk.workbench.messages.isDialogOpen(), false, 'asked once');
      const said = (await story.transcript()).split('could not be reached').length - 1;
      return said === 2 || undefined;
    }, 'the second failure');
    await walk.workbench.quickInput.pick('Airlock: Forget API Key…', 'https://models.invalid');
    await ask('Once more?', consent);
    await walk.workbench.messages.notification('No API key is set for models.invalid');
  });

  /** Changes the endpoint as a person does, and waits until the panel shows it. */
  async function useEndpoint(url: string): Promise<void> {
    const { quickInput } = walk.workbench;
    await quickInput.pick('Airlock: Choose Model…', 'Change Endpoint…');
    await quickInput.message('Base URL');
    await quickInput.enter(url);
    const { host } = new URL(url);
    await eventually(
      async () => (await (await story.panel()).locator('body').innerText()).includes(host) || undefined,
      `the panel to show ${host}`,
    );
  }

  /** Types a prompt that is answered by a question. */
  async function ask(text: string, question: RegExp, button?: string): Promise<void> {
    await story.promptOnly(text);
    assert.match((await walk.workbench.messages.dialog()).message, question);
    await walk.shot('consent');
    if (button === undefined) await walk.workbench.page.keyboard.press('Escape');
    else await walk.workbench.messages.answer(button);
  }
});
