import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { modelName } from '../support/model/answer.ts';
import { rounds, shellCall } from '../support/model/script.ts';
import { startModelServer, type ModelServer } from '../support/model/server.ts';
import { certificateFor } from '../support/network/certificate.ts';
import { npmRegistry } from '../support/network/npmRegistry.ts';
import { World } from '../support/network/world.ts';
import { running, sandboxProcesses } from '../support/story/leftovers.ts';
import { Story } from '../support/story/story.ts';
import { actUntil, eventually } from '../support/vscode/eventually.ts';
import { Walk } from '../support/vscode/walk.ts';
import { inOrder } from '../support/story/inOrder.ts';

const registry = 'registry.npmjs.org';
const install = [
  'rm -rf node_modules && npm_config_cafile=registry.crt npm_config_fetch_retries=0',
  `npm install --no-save --no-audit --no-fund airlock-one && node -p '"answer " + require("airlock-one")'`,
].join(' ');

/** One person's walk from no network to an allowed host and back: each test goes on where the one before ended. */
describe('hosts that a person allows', function () {
  this.timeout(300_000);
  inOrder();
  const world = new World();
  let model: ModelServer;
  let walk: Walk;
  let story: Story;
  const network = () => walk.workbench.tree('Network');
  /** Lets the agent run the same command once more; answers with what the transcript shows of this turn. */
  const again = async (prompt: string): Promise<string> => {
    await story.prompt(prompt);
    await story.turnEnd();
    const text = await story.transcript();
    return text.slice(text.lastIndexOf(prompt));
  };
  const header = async (wanted: string) => {
    const text = async () => await (await story.panel()).locator('.header .network').textContent();
    await eventually(async () => (await text()) === wanted || undefined, `“${wanted}” in the panel`);
  };
  const status = async (wanted: RegExp) => {
    await eventually(async () => wanted.test(await story.status()) || undefined, String(wanted));
  };
  /** A row is drawn before the last of it is known. */
  const says = async (row: string, wanted: RegExp) => {
    const isSaid = async () => wanted.test((await network().find(row)).description) || undefined;
    await eventually(isSaid, `${row}: ${wanted.source}`);
  };

  before(async () => {
    const certificate = await certificateFor(registry);
    const one = { name: 'airlock-one', version: '1.0.0', files: { 'index.js': 'module.exports = 42;' } };
    await world.serve(await npmRegistry(`https://${registry}`, certificate, [one]), 443, registry);
    model = await startModelServer(rounds({ calls: [shellCall(install)] }, { text: 'That is what it said.' }));
    walk = await Walk.start({
      name: 'network',
      fixture: 'demo-project',
      settings: { 'airlock.model.name': modelName, 'airlock.model.baseUrl': model.url },
      ...world.forEditor(),
      prepare: (folder) => writeFile(`${folder}/registry.crt`, certificate.cert),
    });
    story = new Story(walk);
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await walk.shot('failed');
  });

  after(async () => {
    await walk.end();
    await model.close();
    await world.close();
  });

  it('begins without network, and says so', async () => {
    await story.start();
    await header('no network');
    await status(/Ready, no network/);
    await walk.workbench.focusView('Airlock', 'Network');
    await network().welcome().getByText('No network').waitFor();
    await walk.shot('off');
    assert.doesNotMatch(await again('Install it, first try.'), /answer 42/);
    assert.deepEqual(world.lookedUp, []);
  });

  it('refuses a host that is not on the list, and offers it to the person', async () => {
    await walk.workbench.command('Airlock: Allow Hosts…');
    const { quickInput, messages } = walk.workbench;
    await quickInput.rows();
    await quickInput.setChecked('PyPI', true);
    await walk.shot('presets');
    await quickInput.confirm();
    const asked = await messages.dialog();
    assert.match(`${asked.message} ${asked.detail}`, /reach 2 hosts.*pypi\.org.*files\.pythonhosted\.org/s);
    await walk.shot('question');
    await messages.answer('Allow for This Session');
    await header('network: 2 hosts');
    assert.match(await again('Install it, second try.'), /403/);
    const notice = await messages.notification(`The sandbox was refused ${registry}.`);
    assert.deepEqual([notice.severity, notice.buttons], ['info', ['Allow…', 'Show Network']]);
    await says(`${registry}:443`, /^refused: not on the list/);
    await walk.shot('refused');
  });

  it('lets the same command through once the person allowed it', async () => {
    const { messages } = walk.workbench;
    await messages.press(`The sandbox was refused ${registry}.`, 'Allow…');
    assert.match((await messages.dialog()).message, /Let the sandbox reach registry\.npmjs\.org\?/);
    await messages.answer('Allow for This Session');
    await network().find(registry);
    const said = await again('Install it, third try.');
    assert.match(said, /answer 42/, JSON.stringify(await network().rows()));
    await eventually(async () => {
      const rows = await network().rows();
      return rows.find(({ description }) => /^allowed · .* out, .* in$/.test(description));
    }, 'the connection in the list');
    await walk.inBothThemes('allowed');
  });

  it('keeps what is allowed over a reload', async () => {
    await walk.workbench.reload();
    await status(/Ready, network: 3 hosts/);
    assert.match(await again('Install it after the reload.'), /answer 42/);
  });

  it('ends with the person taking it back', async () => {
    await walk.workbench.focusView('Airlock', 'Network');
    await actUntil(
      async () => {
        // On a row that is drawn anew in this moment the editor hands over no row.
        await walk.workbench.page.keyboard.press('Escape');
        await network().action(registry, 'Stop Allowing Host');
      },
      async () => /network: 2 hosts/.test(await story.status()) || undefined,
      'the end of the host',
    );
    const refused = await again('Install it, fourth try.');
    assert.match(refused, /403/);
    assert.doesNotMatch(refused, /answer 42/);
  });

  it('is allowed from the list, by name, and remembered where the person says so', async () => {
    const { messages, quickInput } = walk.workbench;
    const refused = walk.workbench.page.getByRole('treeitem', { name: new RegExp(`^${registry}:443, refused`) });
    await actUntil(
      async () => {
        // On a row that is drawn anew in this moment the editor hands over no row.
        await walk.workbench.page.keyboard.press('Escape');
        await refused.hover({ timeout: 2000 });
        await refused.getByRole('button', { name: 'Allow This Host…' }).click({ timeout: 2000 });
      },
      async () => (await messages.isDialogOpen()) || undefined,
      'the question',
    );
    await messages.answer('Allow and Remember for This Folder');
    await says(registry, /remembered for this folder/);
    await walk.workbench.command('Airlock: Allow Hosts…');
    await quickInput.rows();
    await quickInput.setChecked('Other hosts…', true);
    await quickInput.confirm();
    await quickInput.opened('Hosts by Name');
    await actUntil(
      () => quickInput.fill('127.0.0.1'),
      async () => (await quickInput.says('Addresses cannot be allowed')) || undefined,
      'the refusal',
    );
    await quickInput.enter('nexus.example.com:8443');
    await messages.dialog();
    await messages.answer('Allow for This Session');
    await network().find('nexus.example.com:8443');
    await walk.shot('remembered');
  });

  it('leaves nothing when the session is deleted, but what was to be remembered', async () => {
    const pids = sandboxProcesses(walk.storage);
    assert.ok(pids.length > 3);
    await story.delete();
    await eventually(() => Promise.resolve(running(pids).length === 0 || undefined), 'the end of the sandbox');
    await story.start();
    await status(/Ready, network: 1 host$/);
    await story.delete();
  });
});
