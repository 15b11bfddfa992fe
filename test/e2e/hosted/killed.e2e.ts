import assert from 'node:assert/strict';
import { type CelestoDouble, startCelestoDouble } from '../../support/celesto/double.ts';
import { type ModelScript, shellCall } from '../../support/model/script.ts';
import { Sleepers } from '../../support/story/sleepers.ts';
import { onStage } from '../../support/story/stage.ts';
import { treeOnDisk } from '../../support/treeOnDisk.ts';
import { actUntil, eventually } from '../../support/vscode/eventually.ts';
import { firstBytes, heldService, withLargeFile } from './prepared.ts';
import { inOrder } from '../../support/story/inOrder.ts';

const sleepers = new Sleepers();

const script: ModelScript = ({ entries, round }) => {
  const asked = entries.findLast(({ kind }) => kind === 'user');
  const text = asked?.kind === 'user' ? asked.text : '';
  if (round === 0 && text.includes('wait')) return { calls: [shellCall(sleepers.command)] };
  return { text: `Answer to: ${text}` };
};

/** The window dies where it hurts: no computer is left behind, and nothing of the folder changes. */
describe('an extension host that is killed while it works with a hosted computer', function () {
  this.timeout(240_000);
  inOrder();
  let double: CelestoDouble;
  let untouched: Record<string, string>;
  before(async () => {
    // The answer to a create comes when the computer runs: a kill loses it.
    double = await startCelestoDouble({ ...heldService, asyncCreate: false });
  });
  const stage = onStage({
    name: 'hosted-killed',
    fixture: 'hello-project',
    prepare: withLargeFile,
    script,
    settings: () => ({ 'airlock.celesto.baseUrl': double.url }),
    sandbox: 'Celesto',
  });
  after(() => double.close());

  const until = async (what: string, look: () => boolean | Promise<boolean>) => {
    await eventually(async () => (await look()) || undefined, what);
  };
  const asksForComputer = () =>
    double.requests.filter(({ method, url }) => method === 'POST' && url === '/v1/computers');
  /** Starts again by the button that the panel offers. */
  const tryAgain = async () => {
    await stage.walk.workbench.focusView('Airlock', 'Agent');
    await stage.story.press('Try Again');
    await stage.walk.workbench.messages.dialog();
    await stage.walk.workbench.messages.answer('Upload and Start');
  };
  const leavesNothing = async () => {
    await until('the end of every computer', () => double.computers().length === 0);
    assert.deepEqual(treeOnDisk(stage.walk.folder), untouched);
  };

  it('while the computer is made: it is found by its key and deleted, and the session starts again', async () => {
    untouched = treeOnDisk(stage.walk.folder);
    const { messages, quickInput } = stage.walk.workbench;
    await stage.walk.workbench.command('Airlock: Run Agent in Sandbox');
    await quickInput.choose('Celesto');
    await until('the question', () => quickInput.isOpen('Sign in to Celesto'));
    await quickInput.enter('right-key');
    await messages.dialog();
    await messages.answer('Upload and Start');
    await until('the request', () => asksForComputer().length === 1);
    await stage.walk.workbench.killExtensionHost();
    double.knobs.provisionMs = 0;
    await until('the sweep', () => asksForComputer().length === 2);
    await leavesNothing();
    await stage.walk.workbench.focusView('Airlock', 'Agent');
    await stage.says('The sandbox was not filled to the end');
    await stage.walk.shot('while-made');
  });

  it('while the computer is filled: it is deleted, and the session starts again', async () => {
    double.stall(firstBytes);
    await tryAgain();
    await until('the upload', async () => (await stage.story.status()).includes('Copying'));
    await stage.walk.workbench.killExtensionHost();
    double.goOn();
    await leavesNothing();
    await until('what became of it', async () => !(await stage.story.status()).includes('Copying'));
    await stage.walk.workbench.focusView('Airlock', 'Agent');
    await stage.walk.shot('while-filled');
  });

  it('in the middle of a turn: it says so, and the session goes on with the same computer', async () => {
    // A window starts an extension host anew for the third time only when it was reloaded.
    await stage.walk.workbench.reload();
    await tryAgain();
    await until('the computer', async () => (await stage.story.status()).includes('Ready'));
    const [computer] = double.computers();
    await stage.story.prompt('Please wait');
    await until('the running command', () => sleepers.running() === 2);
    await stage.walk.workbench.killExtensionHost();
    await until('the interruption', async () => (await stage.story.status()).includes('Interrupted'));
    await stage.walk.shot('in-a-turn');
    await stage.story.press('Continue');
    await stage.says('Answer to: Continue where you were interrupted');
    assert.deepEqual(double.computers(), [computer]);
  });

  /** Begins another session, and goes back to the first one once `isThere`. Answers with the first one's computer. */
  const beginAnother = async (isThere: () => boolean | Promise<boolean>) => {
    const { workbench } = stage.walk;
    // A window starts an extension host anew for the third time only when it was reloaded.
    await workbench.reload();
    await until('the first session', async () => (await stage.story.status()).includes('Ready'));
    const kept = double.computers();
    await workbench.command('Airlock: New Session');
    await workbench.messages.dialog();
    await workbench.messages.answer('Upload and Start');
    await until('the moment', isThere);
    await workbench.focusView('Airlock', 'Sessions');
    const answer = 'Answer to: Continue where you were interrupted';
    // The list is drawn anew with each step of the other session.
    await actUntil(
      () => workbench.tree('Sessions').click('Please wait'),
      async () => (await stage.story.transcript()).includes(answer) || undefined,
      `“${answer}”`,
    );
    return kept;
  };

  const otherIsDeleted = async (kept: ReturnType<CelestoDouble['computers']>, shot: string) => {
    const { workbench } = stage.walk;
    await until('the end of the other computer', () => double.computers().length === 1);
    assert.deepEqual(double.computers(), kept);
    await stage.says('Answer to: Continue where you were interrupted');
    await workbench.focusView('Airlock', 'Sessions');
    await stage.walk.shot(shot);
    await workbench.quickInput.pick('Airlock: Delete Session…', 'hello-project');
    await workbench.messages.dialog();
    await workbench.messages.answer('Delete Session');
    await until('one session', async () => (await workbench.tree('Sessions').rows()).length === 1);
  };

  it('while a computer is made whose session nobody opens again: it is deleted all the same', async () => {
    double.knobs.provisionMs = heldService.provisionMs;
    const asked = asksForComputer().length;
    const kept = await beginAnother(() => asksForComputer().length === asked + 1);
    await stage.walk.workbench.killExtensionHost();
    double.knobs.provisionMs = 0;
    await until('the sweep', () => asksForComputer().length === asked + 2);
    await otherIsDeleted(kept, 'nobody-opens-it');
  });

  it('while a computer is filled whose session nobody opens again: it is deleted all the same', async () => {
    double.stall(firstBytes);
    const kept = await beginAnother(async () => (await stage.story.status()).includes('Copying'));
    assert.equal(double.computers().length, 2);
    await stage.walk.workbench.killExtensionHost();
    double.goOn();
    await otherIsDeleted(kept, 'nobody-opens-the-filled-one');
  });

  it('leaves no computer and no command when the session is deleted', async () => {
    await stage.story.delete();
    await leavesNothing();
    await until('the end of every command', () => sleepers.running() === 0);
  });
});
