import assert from 'node:assert/strict';
import { Walk } from '../support/vscode/walk.ts';

describe('the packaged extension', function () {
  this.timeout(300_000);
  let walk: Walk;

  before(async () => {
    walk = await Walk.start({ name: 'smoke', fixture: 'hello-project' });
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await walk.shot('failed');
  });

  after(() => walk.end());

  it('shows its sessions', async () => {
    await walk.workbench.focusView('Airlock', 'Sessions');
    await walk.workbench.tree('Sessions').welcome().waitFor();
    await walk.shot('sessions');
  });

  it('reports no error to the person', async () => {
    const errors = (await walk.workbench.messages.notifications()).filter(({ severity }) => severity === 'error');
    assert.deepEqual(errors, []);
  });
});
