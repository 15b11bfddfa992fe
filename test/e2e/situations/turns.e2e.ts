import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ModelScript, shellCall } from '../../support/model/script.ts';
import { Sleepers } from '../../support/story/sleepers.ts';
import { onStage } from '../../support/story/stage.ts';
import { eventually } from '../../support/vscode/eventually.ts';

const sleepers = new Sleepers();
const change = [
  "printf 'inside\\n' > shared.txt",
  "printf 'new\\n' > fresh.txt",
  'mkdir -p .vscode',
  'printf \'{"version":"2.0.0","tasks":[]}\' > .vscode/tasks.json',
  'printf \'{"scripts":{"postinstall":"true"}}\' > package.json',
].join('; ');

const script: ModelScript = ({ entries, round }) => {
  const asked = entries.findLast(({ kind }) => kind === 'user');
  const text = asked?.kind === 'user' ? asked.text : '';
  if (round === 0 && text.includes('wait')) return { calls: [shellCall(sleepers.command)] };
  if (round === 0 && text.includes('ask me')) {
    return {
      calls: [shellCall('printf "name? "; read -r name; echo "hello $name"', { tty: true, yield_time_ms: 500 })],
    };
  }
  if (round === 0 && text.includes('type')) {
    const id = Number(/session ID (\d+)/.exec(JSON.stringify(entries))?.[1]);
    return { calls: [{ name: 'write_stdin', arguments: { session_id: id, chars: 'Ada\n', yield_time_ms: 5000 } }] };
  }
  if (round === 0 && text.includes('change')) return { calls: [shellCall(change)] };
  return { text: `Answer to: ${text}` };
};

/** What goes wrong in a turn and after it: each is said, and the way on works. */
describe('turns that do not go smoothly', function () {
  this.timeout(240_000);
  const stage = onStage({
    name: 'turns',
    fixture: 'hello-project',
    script,
    model: { apiKey: 'right-key' },
    prepare: async (folder) => await writeFile(join(folder, 'shared.txt'), 'base\n'),
  });
  const local = (path: string) => join(stage.walk.folder, path);
  const { says } = stage;

  before(() => stage.story.start());

  it('says that the key is wrong, and takes another', async () => {
    await stage.story.prompt('Say hello');
    await says('does not accept the key');
    await stage.walk.shot('wrong-key');
    await stage.story.press('Set API Key');
    await stage.walk.workbench.quickInput.enter('right-key');
    await stage.story.prompt('Say hello again');
    await says('Answer to: Say hello again');
    const panel = await stage.story.panel();
    assert.equal(await panel.getByRole('button', { name: 'Set API Key' }).count(), 0, 'nothing is left to be mended');
  });

  it('reaches in the next turn what the last one left running', async () => {
    await stage.story.prompt('Let something ask me');
    await says('Answer to: Let something ask me');
    await stage.story.prompt('Now type my name');
    await says('hello Ada');
    await says('Answer to: Now type my name');
  });

  it('stops a command with all that it started', async () => {
    await stage.story.prompt('Now wait');
    await eventually(() => Promise.resolve(sleepers.running() === 2 || undefined), 'the running command');
    await stage.walk.workbench.command('Airlock: Stop Agent');
    await eventually(() => Promise.resolve(sleepers.running() === 0 || undefined), 'the end of the command');
    await eventually(async () => /Ready|Stopped/.test(await stage.story.status()) || undefined, 'the end of the turn');
    await stage.walk.shot('stopped');
  });

  it('says that a killed extension host interrupted the turn, and goes on', async () => {
    await stage.story.prompt('Once more wait');
    await eventually(() => Promise.resolve(sleepers.running() === 2 || undefined), 'the running command');
    await stage.walk.workbench.killExtensionHost();
    await eventually(async () => /Interrupted/.test(await stage.story.status()) || undefined, 'the interruption');
    await stage.walk.shot('interrupted');
    await stage.story.press('Continue');
    await says('Answer to: Continue where you were interrupted');
  });

  it('leaves conflicts and what runs by itself unchecked, and applies the rest', async () => {
    await stage.story.prompt('Please change files');
    await says('Answer to: Please change files');
    await writeFile(local('shared.txt'), 'mine\n');
    await stage.walk.workbench.focusView('Airlock', 'Changes');
    await stage.walk.workbench.command('Airlock: Refresh Changes');
    const tree = stage.walk.workbench.tree('Changes');
    await tree.find('Conflicts');
    // The rows are drawn anew after the conflict was found.
    const isChecked = async (name: string, wanted: boolean) => {
      const look = async () => (await tree.find(name)).checked === wanted || undefined;
      await eventually(look, `${name} ${wanted ? '' : 'un'}checked`);
    };
    await isChecked('fresh.txt', true);
    await isChecked('shared.txt', false);
    await isChecked('tasks.json', false);
    await isChecked('package.json', false);
    await stage.walk.shot('changes');
    assert.match(await stage.story.apply(), /Apply 1 file/);
    await eventually(
      () => Promise.resolve(readFileSync(local('fresh.txt'), 'utf8') === 'new\n' || undefined),
      'the file',
    );
    assert.equal(readFileSync(local('shared.txt'), 'utf8'), 'mine\n');
  });

  it('asks before an undo that meets later edits', async () => {
    await writeFile(local('fresh.txt'), 'new\nand mine\n');
    await stage.walk.workbench.command('Airlock: Undo Last Apply…');
    const { buttons, detail } = await stage.walk.workbench.messages.dialog();
    assert.match(detail, /Changed since then: fresh\.txt/);
    assert.ok(buttons.includes('Undo and Overwrite Later Edits'));
    await stage.walk.shot('undo');
    await stage.walk.workbench.messages.answer('Undo and Keep Later Edits');
    await stage.walk.workbench.messages.notification(
      /^Undo restored nothing: fresh\.txt \(it changed since, .*[^.]\)\.$/,
    );
    assert.equal(readFileSync(local('fresh.txt'), 'utf8'), 'new\nand mine\n');
  });

  it('says that the model cannot be reached, and keeps the session', async () => {
    await stage.model.close();
    await stage.story.prompt('Are you there?');
    await says('could not be reached');
    await (await stage.story.panel()).getByRole('button', { name: 'Try Again' }).last().waitFor();
    await stage.walk.shot('unreachable');
  });

  it('looks on from a second window, which takes over when the first closes', async () => {
    const first = stage.walk.workbench;
    stage.walk.workbench = await first.anotherWindow();
    await stage.walk.workbench.focusView('Airlock', 'Agent');
    const panel = await stage.story.panel();
    await panel.getByText('Another window works with this session').filter({ visible: true }).first().waitFor();
    assert.equal(await panel.getByRole('button', { name: 'Try Again' }).count(), 0, 'it could not be pressed here');
    assert.equal(await panel.getByRole('button', { name: 'Review' }).isVisible(), false, 'nor could this');
    await stage.walk.shot('onlooker');
    await first.closeWindow();
    await eventually(async () => (await panel.locator('.prompt-box').isEnabled()) || undefined, 'the takeover');
  });

  it('takes over from a window that crashed, whose extension host lives on', async () => {
    const crashed = stage.walk.workbench;
    await crashed.crashWindow();
    stage.walk.workbench = await crashed.anotherWindow();
    await stage.walk.workbench.focusView('Airlock', 'Agent');
    const panel = await stage.story.panel();
    await panel.getByText('Another window works with this session').filter({ visible: true }).first().waitFor();
    await eventually(async () => (await panel.locator('.prompt-box').isEnabled()) || undefined, 'the takeover');
    await stage.walk.shot('taken-over');
  });

  it('leaves nothing of a killed turn running when the session is deleted', async () => {
    assert.equal(sleepers.running(), 2);
    await stage.story.delete();
    await eventually(() => Promise.resolve(sleepers.running() === 0 || undefined), 'the end of the command');
  });
});
