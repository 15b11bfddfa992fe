import assert from 'node:assert/strict';
import { type ModelScript, shellCall } from '../../support/model/script.ts';
import { sandboxProcesses } from '../../support/story/leftovers.ts';
import { onStage } from '../../support/story/stage.ts';
import { actUntil, eventually } from '../../support/vscode/eventually.ts';
import { TerminalPanel } from '../../support/vscode/parts/terminals.ts';
import { inOrder } from '../../support/story/inOrder.ts';

const ticking = 'while true; do echo "tick $((6*7))"; sleep 0.5; done';
const asking = 'printf "Name? "; read name; echo "Hello $name"; sleep 97531';

const script: ModelScript = ({ entries, round }) => {
  const asked = entries.findLast(({ kind }) => kind === 'user');
  const text = asked?.kind === 'user' ? asked.text : '';
  const background = { yield_time_ms: 300 };
  if (round === 0 && text.includes('serve')) return { calls: [shellCall(ticking, background)] };
  if (round === 0 && text.includes('ask')) return { calls: [shellCall(asking, { ...background, tty: true })] };
  return { text: `It goes on: ${text}` };
};

/** The agent's long commands, as a person looks on and steps in. */
describe('commands of the agent in a terminal', function () {
  this.timeout(240_000);
  inOrder();
  const stage = onStage({
    name: 'watch',
    fixture: 'hello-project',
    script,
    settings: { 'airlock.process.keepAliveMinutes': 0 },
  });
  let terminal: TerminalPanel;

  before(async () => {
    terminal = new TerminalPanel(stage.walk.workbench.page);
    await stage.story.start();
  });

  it('shows one from its card, says that it reads nothing, and interrupts it', async () => {
    await stage.story.prompt('Please serve');
    await eventually(
      async () => (await stage.story.transcript()).includes('tick 42') || undefined,
      'the running command',
    );
    await stage.story.press('Watch in terminal');
    await terminal.saw(/tick 42\ntick 42/);
    await stage.walk.shot('watched');
    await terminal.type('x');
    await terminal.saw(/This command reads no input\. Ctrl-C interrupts it\./);
    // A shell whose program has just ended by itself takes no notice of the signal, and begins the next one.
    await actUntil(
      () => terminal.press('Control+c'),
      async () => /Ended by SIGINT|Exit code 130/.test(await terminal.text()) || undefined,
      'the end of the command',
      5_000,
    );
    await stage.walk.shot('interrupted');
    await eventually(
      () => Promise.resolve(sandboxProcesses(stage.walk.storage, 'tick $').length === 0 || undefined),
      'the end of its processes',
    );
  });

  it('lets a person take over one that has a terminal', async () => {
    await stage.story.turnEnd();
    await stage.story.prompt('Please ask');
    await eventually(async () => (await stage.story.transcript()).includes('Name?') || undefined, 'the question');
    await stage.walk.workbench.command('Airlock: Watch Command of the Agent…');
    await terminal.saw(/Name\?/);
    await terminal.run('Ada');
    await terminal.saw(/Hello Ada/);
    await eventually(
      async () => (await stage.story.transcript()).includes('Hello Ada') || undefined,
      'the answer in the card',
    );
    await stage.walk.shot('taken-over');
    await stage.walk.workbench.command('Terminal: Kill the Active Terminal Instance');
    const sleeping = () => sandboxProcesses(stage.walk.storage, 'sleep\u{0}97531').length;
    await eventually(async () => (await terminal.names()).length === 1 || undefined, 'the end of the tab');
    assert.equal(sleeping(), 1, 'looking away ends nothing');
  });
});
