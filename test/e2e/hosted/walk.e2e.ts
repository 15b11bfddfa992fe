import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CelestoDouble, startCelestoDouble } from '../../support/celesto/double.ts';
import { demoFixed, demoPrompt, demoScript } from '../../support/model/demoScript.ts';
import { onStage } from '../../support/story/stage.ts';
import { chooseSandbox } from '../../support/story/story.ts';
import { eventually } from '../../support/vscode/eventually.ts';
import { firstBytes, heldService, withLargeFile } from './prepared.ts';
import { inOrder } from '../../support/story/inOrder.ts';

/** One person's walk with a hosted computer, step by step: each test goes on where the one before ended. */
describe('from "Run Agent in Sandbox" to accepted diffs, with a hosted computer', function () {
  this.timeout(300_000);
  inOrder();
  let double: CelestoDouble;
  before(async () => {
    double = await startCelestoDouble(heldService);
  });
  const stage = onStage({
    name: 'hosted',
    fixture: 'demo-project',
    prepare: withLargeFile,
    script: demoScript,
    settings: () => ({ 'airlock.celesto.baseUrl': `${double.url}/v1` }),
    env: { CELESTO_API_KEY: 'key-of-the-environment' },
    sandbox: 'Celesto',
  });
  after(() => double.close());
  const local = (path: string) => readFileSync(join(stage.walk.folder, path), 'utf8');
  const host = () => new URL(double.url).host;
  const status = async (wanted: RegExp) => {
    await eventually(async () => wanted.test(await stage.story.status()) || undefined, String(wanted));
  };
  const makes = async (wanted: number) => {
    await eventually(() => Promise.resolve(double.computers().length === wanted || undefined), `${wanted} computers`);
  };

  it('asks where the agent works; nothing is hosted by itself, a key in the environment notwithstanding', async () => {
    const { quickInput } = stage.walk.workbench;
    await stage.walk.inBothThemes('choice', async () => {
      await stage.walk.workbench.command('Airlock: Run Agent in Sandbox');
      await eventually(async () => (await quickInput.isOpen(chooseSandbox)) || undefined, 'the choice');
      const rows = await quickInput.rows();
      const told = rows.map(({ label, description }) => `${label}: ${description}`);
      assert.ok(told.includes('Built-in: on this machine'), told.join('\n'));
      assert.notEqual(told[0], 'Celesto: sign in first', 'what stays on this machine comes first');
      assert.ok(told.includes('Celesto: sign in first'), told.join('\n'));
    });
    assert.deepEqual(double.requests, [], 'the service was not asked');
  });

  it('asks before it uses the key of the environment, and takes no key that the service refuses', async () => {
    const { messages, quickInput } = stage.walk.workbench;
    await stage.walk.workbench.command('Airlock: Run Agent in Sandbox');
    await quickInput.choose('Celesto');
    const { message, detail } = await messages.dialog();
    assert.equal(message, 'Use CELESTO_API_KEY from the environment to sign in to Celesto?');
    assert.ok(detail.includes(`sent to ${host()} only, as the setting airlock.celesto.baseUrl says.`), detail);
    await stage.walk.shot('environment');
    await messages.answer('Enter Another Key…');
    await quickInput.opened('Sign in to Celesto');
    await stage.walk.shot('sign-in');
    await quickInput.enter('wrong-key');
    await quickInput.message('does not accept');
    await stage.walk.shot('refused');
    assert.deepEqual(
      double.requests.map(({ method, url }) => `${method} ${url}`),
      ['GET /v1/computers?limit=1'],
    );
    await quickInput.cancel();
  });

  it('signs in, and shows what would be uploaded and where to before a byte moves', async () => {
    const { messages, quickInput } = stage.walk.workbench;
    await stage.walk.inBothThemes('sign-in', async () => {
      await stage.walk.workbench.command('Airlock: Sign in to Celesto');
      await messages.dialog();
      await messages.answer('Enter Another Key…');
      await eventually(async () => (await quickInput.isOpen('Sign in to Celesto')) || undefined, 'the question');
    });
    await stage.walk.workbench.command('Airlock: Run Agent in Sandbox');
    await quickInput.choose('Celesto');
    await messages.dialog();
    await messages.answer('Enter Another Key…');
    await quickInput.enter('right-key');
    const { message, detail } = await messages.dialog();
    assert.match(message, /^Send 6 files .* into the sandbox \(Celesto\)\?$/);
    assert.match(detail, /what goes in leaves this machine/);
    await stage.walk.shot('upload');
    assert.deepEqual(double.computers(), []);
    await messages.answer('Upload and Start');
  });

  it('says what it waits for while the computer is made and filled, and where the agent works from then on', async () => {
    const { messages } = stage.walk.workbench;
    await messages.notification('Celesto: Waiting for the computer (it is being made)');
    // A browser that knows no service worker of the editor yet waits three seconds before it draws any page.
    await stage.story.panel();
    await stage.walk.inBothThemes('creating');
    double.stall(firstBytes);
    double.knobs.provisionMs = 0;
    await messages.notification('Celesto: Copying 6 files');
    await status(/^Sandbox Celesto, Copying 6 files/);
    await stage.walk.inBothThemes('uploading');
    double.goOn();
    await status(/^Sandbox Celesto, Ready, open network$/);
    await stage.walk.inBothThemes('ready');
    assert.equal(double.computers().length, 1);
  });

  it('lets the agent find and mend the bug', async () => {
    await stage.story.prompt(demoPrompt);
    await stage.story.turnEnd();
    assert.match(await stage.story.transcript(), /The tests pass now/);
    assert.match(local(demoFixed), /rest = seconds/, 'nothing came home yet');
    await stage.walk.shot('done');
  });

  it('keeps the computer and its session over a reload, and is still signed in', async () => {
    await stage.walk.workbench.reload();
    await stage.walk.workbench.focusView('Airlock', 'Agent');
    await stage.says('The tests pass now');
    await status(/Celesto, Ready/);
    assert.equal(double.computers().length, 1);
  });

  it('reviews and applies, and the project is mended', async () => {
    await stage.story.review(demoFixed);
    await stage.walk.shot('review');
    assert.match(await stage.story.apply(), /1 file/);
    await eventually(() => Promise.resolve(local(demoFixed).includes('rest -=') || undefined), 'the fix');
    execFileSync(process.execPath, ['--test'], { cwd: stage.walk.folder });
  });

  it('leaves no computer when the session is deleted, remembers the choice, and signs out', async () => {
    await stage.story.delete();
    await makes(0);
    await stage.walk.workbench.command('Airlock: Choose Sandbox…');
    const { quickInput, messages } = stage.walk.workbench;
    await eventually(async () => (await quickInput.isOpen(chooseSandbox)) || undefined, 'the choice');
    const [first] = await quickInput.rows();
    assert.deepEqual([first?.label, first?.description], ['Celesto', 'files leave this machine']);
    await stage.walk.shot('remembered');
    await quickInput.cancel();
    await stage.walk.workbench.command('Airlock: Sign out of Celesto');
    await stage.walk.workbench.focusView('Airlock', 'Agent');
    const panel = await stage.story.panel();
    await panel.getByText('You are not signed in to Celesto.').first().waitFor();
    await stage.walk.shot('signed-out');
    await panel.getByRole('button', { name: 'Sign In' }).first().click();
    await messages.dialog();
    await messages.answer('Enter Another Key…');
    await quickInput.enter('right-key');
    await panel.getByText('You are not signed in to Celesto.').first().waitFor({ state: 'hidden' });
  });

  it('asks at each start that comes as a command, and at none that is typed, once that was agreed to', async () => {
    const { messages } = stage.walk.workbench;
    const newSession = async () => await stage.walk.workbench.command('Airlock: New Session');
    await newSession();
    await messages.dialog();
    await messages.answer('Upload and Don’t Ask Again for This Folder');
    await makes(1);
    await stage.story.turnEnd();
    await stage.story.delete();
    await newSession();
    assert.match((await messages.dialog()).message, /^Send /);
    await messages.dismiss();
    assert.deepEqual(double.computers(), []);
    const box = (await stage.story.panel()).locator('.prompt-box');
    await box.fill(demoPrompt);
    await eventually(async () => {
      if (await box.isEnabled()) await box.press('Enter');
      assert.equal(await messages.isDialogOpen(), false);
      return double.computers().length === 1 || undefined;
    }, 'a computer without a question');
    await stage.story.turnEnd();
    await stage.story.delete();
    await makes(0);
  });

  it('never writes the key anywhere but into the secret storage', () => {
    const log = stage.walk.workbench.channel('airlock-dev.airlock', 'Airlock');
    assert.ok(log.includes('celesto:'), log);
    assert.ok(!log.includes('right-key') && !log.includes('key-of-the-environment'));
  });
});
