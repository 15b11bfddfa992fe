import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { skipBecause } from '../support/commands/results.ts';
import { demoFixed, demoPrompt, demoScript } from '../support/model/demoScript.ts';
import { type ModelScript, shellCall } from '../support/model/script.ts';
import { emulatorsBelow } from '../support/smolvm/emulators.ts';
import { rigPlaces } from '../support/smolvm/launcher.ts';
import { rigFolder } from '../support/smolvm/place.ts';
import { prepareRig } from '../support/smolvm/rig.ts';
import { onStage } from '../support/story/stage.ts';
import { eventually } from '../support/vscode/eventually.ts';
import { inOrder } from '../support/story/inOrder.ts';

const { program, home } = rigPlaces('smolvm');

/** A number that no other run sleeps. */
const sleep = `sleep 8${process.pid}`;

const script: ModelScript = (conversation, attempt) => {
  const asked = conversation.entries.findLast(({ kind }) => kind === 'user');
  const text = asked?.kind === 'user' ? asked.text : '';
  if (text.includes('Please wait') && conversation.round === 0) return { calls: [shellCall(sleep)] };
  if (text.includes('Please note')) {
    return conversation.round === 0 ? { calls: [shellCall('echo later >later.txt')] } : { text: 'Noted.' };
  }
  if (text.includes('Continue')) return { text: 'Going on.' };
  return demoScript(conversation, attempt);
};

/** The first walk, with the published SmolVM and an emulated machine instead of the built-in sandbox. */
describe('from "Run Agent in Sandbox" to accepted diffs in a local virtual machine', function () {
  this.timeout(600_000);
  inOrder();
  before(async function () {
    const rig = await prepareRig();
    if (!rig.ok) skipBecause(this, rig.reason);
  });
  const stage = onStage({
    name: 'smolvm',
    fixture: 'demo-project',
    script,
    sandbox: 'SmolVM',
    settings: { 'airlock.smolvm.path': program, 'airlock.smolvm.os': 'alpine', 'airlock.smolvm.backend': 'qemu' },
    env: { HOME: home },
  });
  after(() => {
    // Where the walk did not come to its end.
    for (const { args } of emulatorsBelow(rigFolder)) {
      const name = /qmp-(airlock-[0-9a-f]{16})\.sock/.exec(args.join(' '))?.[1];
      if (name !== undefined) execFileSync(program, ['sandbox', 'delete', name]);
    }
  });
  const local = (path: string) => readFileSync(join(stage.walk.folder, path), 'utf8');

  it('asks before a byte moves, and starts a virtual machine', async () => {
    const questions: string[] = [];
    await stage.story.start(async (question) => {
      questions.push(question, (await stage.walk.workbench.messages.dialog()).detail);
    });
    assert.match(questions.join('\n'), /into the sandbox \(SmolVM\)/);
    assert.match(questions.join('\n'), /A microVM of QEMU on this computer/, 'the setting names the walls');
    assert.equal(emulatorsBelow(rigFolder).length, 1);
    assert.match(await stage.story.status(), /SmolVM/);
    await stage.walk.shot('ready');
  });

  it('lets the agent find and mend the bug', async () => {
    await stage.story.prompt(demoPrompt);
    await stage.story.turnEnd();
    assert.match(await stage.story.transcript(), /The tests pass now/);
    assert.match(local(demoFixed), /rest = seconds/, 'nothing came home yet');
    await stage.walk.shot('done');
  });

  it('shows the change, and applies what is checked', async () => {
    await stage.story.review(demoFixed);
    assert.match(await stage.story.apply(), /1 file/);
    await eventually(() => Promise.resolve(local(demoFixed).includes('rest -=') || undefined), 'the fix');
    execFileSync(process.execPath, ['--test'], { cwd: stage.walk.folder });
    await stage.walk.shot('applied');
  });

  it('is paused with all that runs in it, and goes on', async () => {
    const says = (word: string) =>
      eventually(async () => (await stage.story.status()).includes(word) || undefined, word);
    await stage.walk.workbench.command('Airlock: Pause Sandbox');
    await says('Paused');
    const [machine] = emulatorsBelow(rigFolder);
    await stage.walk.shot('paused');
    await stage.story.press('Resume Sandbox');
    await says('Ready');
    assert.deepEqual(
      emulatorsBelow(rigFolder).map(({ pid }) => pid),
      [machine?.pid],
    );
  });

  it('goes back to the files of a snapshot, after a question', async () => {
    const { messages, quickInput } = stage.walk.workbench;
    await stage.walk.workbench.command('Airlock: Take Snapshot of Sandbox');
    await stage.says('Snapshot taken');
    await stage.story.prompt('Please note');
    await stage.story.turnEnd();
    await stage.walk.workbench.focusView('Airlock', 'Changes');
    const changes = stage.walk.workbench.tree('Changes');
    await changes.find('later.txt');
    await stage.walk.workbench.command('Airlock: Go Back to Snapshot…');
    const [snapshot, ...others] = await quickInput.rows();
    assert.deepEqual(others, []);
    await stage.walk.shot('snapshots');
    await quickInput.choose(snapshot?.label ?? '');
    assert.match((await messages.dialog()).message, /^Go back to the snapshot .* in “/);
    await stage.walk.shot('go-back');
    await messages.answer('Go Back');
    await stage.says('Going back to the snapshot');
    await eventually(
      async () => !(await changes.rows()).some(({ label }) => label === 'later.txt') || undefined,
      'the files of then',
      120_000,
    );
    await eventually(async () => (await stage.story.status()).includes('Ready') || undefined, 'a sandbox', 120_000);
    await stage.walk.inBothThemes('went-back');
  });

  it('survives that the extension host is killed in the middle of a turn, with the same virtual machine', async () => {
    const [machine] = emulatorsBelow(rigFolder);
    const name = /qmp-(airlock-[0-9a-f]{16})\.sock/.exec(machine?.args.join(' ') ?? '')?.[1] ?? '';
    await stage.story.prompt('Please wait');
    await eventually(async () => (await runsInside(name, sleep)) || undefined, 'the running command');
    await stage.walk.workbench.killExtensionHost();
    await eventually(
      async () => (await stage.story.status()).includes('Interrupted') || undefined,
      'the interruption',
      180_000,
    );
    await stage.walk.shot('in-a-turn');
    await stage.story.press('Continue');
    await stage.says('Going on.');
    assert.deepEqual(
      emulatorsBelow(rigFolder).map(({ pid }) => pid),
      [machine?.pid],
    );
  });

  it('leaves nothing running when the session is deleted', async () => {
    await stage.story.delete();
    await eventually(
      () => Promise.resolve(emulatorsBelow(rigFolder).length === 0 || undefined),
      'the end of the virtual machine',
    );
  });
});

/** Asked past the extension, by the program's own command. */
async function runsInside(name: string, command: string): Promise<boolean> {
  const asked = ['sandbox', 'exec', name, '--json', '--', 'ps', '-eo', 'args'];
  const { stdout } = await promisify(execFile)(program, asked);
  return stdout.includes(`${command}\\n`);
}
