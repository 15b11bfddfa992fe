import assert from 'node:assert/strict';
import { modelName } from '../../support/model/answer.ts';
import { type ModelScript, shellCall } from '../../support/model/script.ts';
import { startModelServer, type ModelServer } from '../../support/model/server.ts';
import { sandboxProcesses } from '../../support/story/leftovers.ts';
import { Story } from '../../support/story/story.ts';
import { eventually } from '../../support/vscode/eventually.ts';
import { TerminalPanel } from '../../support/vscode/parts/terminals.ts';
import { Walk } from '../../support/vscode/walk.ts';

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
  this.timeout(180_000);
  this.bail(true);
  let model: ModelServer;
  let walk: Walk;
  let story: Story;
  let terminal: TerminalPanel;

  before(async () => {
    model = await startModelServer(script);
    const settings = {
      'airlock.model.name': modelName,
      'airlock.model.baseUrl': model.url,
      'airlock.process.keepAliveMinutes': 0,
    };
    walk = await Walk.start({ name: 'watch', fixture: 'hello-project', settings });
    story = new Story(walk);
    terminal = new TerminalPanel(walk.workbench.page);
    await story.start();
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await walk.shot('failed');
  });

  after(async () => {
    await walk.end();
    await model.close();
  });

  it('shows one from its card, says that it reads nothing, and interrupts it', async () => {
    await story.prompt('Please serve');
    await eventually(async () => (await story.transcript()).includes('tick 42') || undefined, 'the running command');
    await (await story.panel()).getByRole('button', { name: 'Watch in terminal' }).last().click();
    await terminal.saw(/tick 42\ntick 42/);
    await walk.shot('watched');
    await terminal.type('x');
    await terminal.saw(/This command reads no input\. Ctrl-C interrupts it\./);
    await terminal.press('Control+c');
    await terminal.saw(/Ended by SIGINT|Exit code 130/);
    await walk.shot('interrupted');
    assert.deepEqual(sandboxProcesses(walk.storage, 'tick $'), []);
  });

  it('lets a person take over one that has a terminal', async () => {
    await story.turnEnd();
    await story.prompt('Please ask');
    await eventually(async () => (await story.transcript()).includes('Name?') || undefined, 'the question');
    await walk.workbench.command('Airlock: Watch Command of the Agent…');
    await terminal.saw(/Name\?/);
    await terminal.run('Ada');
    await terminal.saw(/Hello Ada/);
    await eventually(
      async () => (await story.transcript()).includes('Hello Ada') || undefined,
      'the answer in the card',
    );
    await walk.shot('taken-over');
    await walk.workbench.command('Terminal: Kill the Active Terminal Instance');
    assert.equal(sandboxProcesses(walk.storage, 'sleep\u{0}97531').length, 1, 'looking away ends nothing');
  });
});
