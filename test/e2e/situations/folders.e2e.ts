import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { publicPlace } from '../../../src/sandbox/process/place.ts';
import { modelName } from '../../support/model/answer.ts';
import { startModelServer, type ModelServer } from '../../support/model/server.ts';
import { eventually } from '../../support/vscode/eventually.ts';
import { Walk } from '../../support/vscode/walk.ts';
import type { Workbench } from '../../support/vscode/workbench.ts';
import { Story } from '../../support/story/story.ts';

const run = 'Airlock: Run Agent in Sandbox';

/** Found nowhere else. */
const secret = `PASSWORD=${randomUUID()}\n`;

/** Whatever a person opens: it works, or one sentence says why not, with one button. */
describe('folders of every sort', function () {
  this.timeout(240_000);
  let model: ModelServer;
  let walk: Walk;
  const place = (name: string) => join(dirname(walk.folder), name);

  before(async () => {
    model = await startModelServer(() => ({ text: 'Nothing to do.' }));
    const settings = {
      'airlock.model.name': modelName,
      'airlock.model.baseUrl': model.url,
      'airlock.process.keepAliveMinutes': 0,
    };
    walk = await Walk.start({ name: 'folders', settings, prepare: prepareAll });
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await walk.shot('failed');
  });

  after(async () => {
    await walk.end();
    await model.close();
  });

  it('asks for a folder where none is open', async () => {
    await walk.workbench.focusView('Airlock', 'Sessions');
    await walk.workbench
      .tree('Sessions')
      .welcome()
      .filter({ hasText: /^Open a folder: / })
      .waitFor();
    await walk.workbench.command(run);
    const said = await walk.workbench.messages.notification('Open a folder first');
    assert.deepEqual([said.severity, said.buttons], ['error', ['Open Folder', 'Open Log']]);
    await walk.workbench.focusView('Airlock', 'Agent');
    const panel = await new Story(walk).panel();
    await panel.getByRole('log').getByText('Open a folder first').waitFor();
    assert.equal(await panel.getByRole('button', { name: 'Open Folder' }).count(), 1);
    await walk.shot('no-folder');
  });

  it('works in an empty folder', async () => {
    await inWindow('empty', async (window) => {
      await begin(window);
      const { message, detail } = await window.messages.dialog();
      assert.match(message, /^Send no files from “empty”/);
      assert.match(detail, /Nothing is held back/);
      await window.messages.answer('Upload and Start');
      await isReady(window);
    });
  });

  it('lists a folder without git by its ignore rules', async () => {
    await inWindow('plain', async (window) => {
      await begin(window);
      const { message, detail } = await window.messages.dialog();
      assert.match(message, /^Send 2 files/);
      assert.match(detail, /1 named by ignore rules: notes\.log/);
      await window.messages.answer('Upload and Start');
      await isReady(window);
    });
  });

  it('tells what stays here of a repository, and dependencies apart', async () => {
    await inWindow('repository', async (window) => {
      await begin(window);
      const { message, detail } = await window.messages.dialog();
      await walk.shot('held-back');
      assert.match(message, /^Send 2 files/);
      assert.match(detail, /1 named like a secret: \.env/);
      assert.match(detail, /1 named by ignore rules: build/);
      assert.match(detail, /Git’s own data/);
      assert.match(detail, /Dependencies, copied in and never taken home:\s*• node_modules \(1 file/);
      await window.messages.answer('Show Details');
      await eventually(
        async () => (await window.tabs()).includes('Upload of repository') || undefined,
        'the list of what is sent',
      );
      await window.quickInput.opened(/Read the list/);
      await walk.shot('details');
      await window.quickInput.choose('Cancel');
      await window.focusView('Airlock', 'Sessions');
      const labels = async () => (await window.tree('Sessions').rows()).map(({ label }) => label);
      await eventually(
        async () => !(await labels()).includes('repository') || undefined,
        'no session, as the upload was declined',
      );
    });
  });

  it('sends a file that is held back where a person chooses it by name, and says so before', async () => {
    await inWindow('repository', async (window) => {
      // The kind of sandbox was chosen for this folder before.
      await window.command(run);
      await window.messages.answer('Show Details');
      await window.quickInput.choose('Choose Held-Back Files to Send…');
      await window.quickInput.setChecked('.env', true);
      await walk.shot('choose-held-back');
      await window.quickInput.confirm();
      const { message, detail } = await window.messages.dialog();
      await walk.shot('chosen-held-back');
      assert.match(message, /^Send 3 files/);
      assert.match(detail, /sent because you chose it:\s*• \.env/);
      assert.doesNotMatch(detail, /named like a secret/);
      await window.messages.answer('Upload and Start');
      await isReady(window);
      assert.ok(copiesOf('.env', walk.storage).includes(secret), 'it lies in the sandbox');
    });
  });

  it('asks which folder where several are open', async () => {
    await inWindow('both.code-workspace', async (window) => {
      await window.command(run);
      const { quickInput } = window;
      await eventually(
        async () => (await quickInput.placeholder()) === 'Which folder should the agent work on?' || undefined,
        'the question for the folder',
      );
      assert.deepEqual((await quickInput.rows()).map(({ label }) => label).sort(), ['empty', 'plain']);
      await quickInput.choose('plain');
      await quickInput.choose('Built-in');
      const { message } = await window.messages.dialog();
      assert.match(message, /from “plain”/);
      await window.messages.answer('Upload and Start');
      await isReady(window);
    });
  });

  async function inWindow(name: string, act: (window: Workbench) => Promise<void>): Promise<void> {
    const before = walk.workbench;
    const window = await before.anotherWindow(place(name));
    walk.workbench = window;
    try {
      await act(window);
    } catch (error) {
      await walk.shot(`failed-${name}`);
      throw error;
    } finally {
      walk.workbench = before;
      await window.closeWindow();
    }
  }

  async function begin(window: Workbench): Promise<void> {
    await window.command(run);
    await window.quickInput.choose('Built-in');
  }

  async function isReady(window: Workbench): Promise<void> {
    await eventually(
      async () =>
        (await window.statusBar()).some((item) => item === 'Sandbox Built-in, Ready, no network') || undefined,
      'a ready sandbox',
    );
  }
});

/** What every file of that name holds in the copies that this walk's sandboxes work on; the superuser's lie elsewhere. */
function copiesOf(name: string, storage: string): readonly string[] {
  const places = [`${storage}/process`, publicPlace(`${storage}/process`)];
  const paths = places.flatMap((folder) => globSync(`${folder}/sessions/*/ws/*/${name}`));
  return paths.map((path) => readFileSync(path, 'utf8'));
}

async function prepareAll(folder: string): Promise<void> {
  const root = dirname(folder);
  const put = async (path: string, text: string) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  };
  await mkdir(join(root, 'empty'));
  await put('plain/.gitignore', '*.log\n');
  await put('plain/main.js', 'export {};\n');
  await put('plain/notes.log', 'ignored\n');
  await put('repository/.gitignore', 'build/\nnode_modules/\n');
  await put('repository/main.js', 'export {};\n');
  await put('repository/.env', secret);
  await put('repository/build/out.js', 'export {};\n');
  await put('repository/node_modules/tool/index.js', 'export {};\n');
  await put('both.code-workspace', JSON.stringify({ folders: [{ path: 'empty' }, { path: 'plain' }] }));
  execFileSync('git', ['init', '-q'], { cwd: join(root, 'repository') });
}
