import assert from 'node:assert/strict';
import { actUntil, eventually } from '../../support/vscode/eventually.ts';
import { Walk } from '../../support/vscode/walk.ts';
import { Story } from '../../support/story/story.ts';

describe('Restricted Mode', function () {
  this.timeout(240_000);
  let walk: Walk;

  before(async () => {
    const settings = { 'airlock.process.keepAliveMinutes': 0 };
    walk = await Walk.start({ name: 'restricted', fixture: 'demo-project', trust: true, settings });
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await walk.shot('failed');
  });

  after(async () => {
    await walk.end();
  });

  it('says in every place why nothing runs, and offers trust', async () => {
    await walk.workbench.focusView('Airlock', 'Sessions');
    await walk.workbench.tree('Sessions').welcome().filter({ hasText: 'Restricted Mode' }).waitFor();
    await walk.workbench.command('Airlock: Run Agent in Sandbox');
    const { buttons } = await walk.workbench.messages.notification('Restricted Mode');
    assert.deepEqual(buttons, ['Manage Trust', 'Open Log']);
    await walk.workbench.focusView('Airlock', 'Agent');
    const panel = await new Story(walk).panel();
    await panel.getByRole('log').getByText('Restricted Mode').waitFor();
    await walk.shot('restricted');
    await new Story(walk).press('Manage Trust');
    await walk.workbench.page.locator('.workspace-trust-editor').waitFor();
  });

  it('is ready once the folder is trusted', async () => {
    const editor = walk.workbench.page.locator('.workspace-trust-editor');
    const trust = editor.getByRole('button', { name: 'Trust', exact: true });
    await trust.waitFor();
    await actUntil(
      () => trust.click({ timeout: 15_000 }),
      async () => !(await trust.isVisible()) || undefined,
      'a trusted folder',
    );
    await walk.workbench.page.keyboard.press('Escape');
    const story = new Story(walk);
    await eventually(
      async () => (await story.transcript()).includes('copy of your folder (Built-in)') || undefined,
      'how to begin, with the kind of sandbox',
    );
    await story.start();
    await eventually(async () => /Ready/.test(await story.status()) || undefined, 'a ready sandbox');
  });
});
