import assert from 'node:assert/strict';
import { existsSync, globSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname } from 'node:path';
import { repository } from '../support/commands/places.mjs';
import { demoScript } from '../support/model/demoScript.ts';
import { modelName } from '../support/model/answer.ts';
import type { ModelScript } from '../support/model/script.ts';
import { startModelServer } from '../support/model/server.ts';
import { running, sandboxProcesses } from '../support/story/leftovers.ts';
import { openBrowser } from '../support/vscode/browser.ts';
import { eventually } from '../support/vscode/eventually.ts';
import { Messages } from '../support/vscode/parts/messages.ts';
import { QuickInput } from '../support/vscode/parts/quick-input.ts';
import { DemoRun } from './support/demoRun.ts';
import { standInEditor } from '../support/vscode/standInEditor.ts';

const nothingLeft = 'Nothing is left running.';

describe('the demo', function () {
  this.timeout(480_000);
  let demo: DemoRun | undefined;

  /** The run of this test, which is ended after it in any case. */
  function begun(run: DemoRun): DemoRun {
    demo = run;
    return run;
  }

  afterEach(async () => {
    await demo?.end();
    demo = undefined;
  });

  describe('with a person in front', () => {
    it('lets in who knows the token, and Ctrl-C leaves nothing running', async () => {
      const run = begun(DemoRun.inTerminal('npm run demo'));
      await run.printed('Ctrl-C ends everything');
      const address = /http:\S+/.exec(run.output)?.[0] ?? '';
      assert.match(address, /^http:\/\/127\.0\.0\.1:\d+\/\?tkn=[0-9a-f]{32}&folder=/);
      const refused = await fetch(address.replace(/tkn=[0-9a-f]+/, 'tkn=wrong'), { redirect: 'manual' });
      assert.equal(refused.status, 403);
      const folder = new URL(address).searchParams.get('folder') ?? '';
      const pids = await sandboxStartedAt(address, `${dirname(folder)}/editor/data`);
      run.pressCtrlC();
      await run.ended;
      assert.match(run.output, /Nothing is left running\./);
      assert.deepEqual([running(pids), run.processes()], [[], []]);
      assert.equal(existsSync(dirname(folder)), false);
    });

    const endings: Readonly<Record<string, (run: DemoRun) => void>> = {
      'Ctrl-C, pressed twice': (run) => {
        run.pressCtrlC();
        run.pressCtrlC();
      },
      'a request to the first program alone': (run) => run.terminateFirst(),
    };
    for (const [name, end] of Object.entries(endings)) {
      it(`ends at once by ${name} while the editor is still starting`, async () => {
        const run = begun(DemoRun.inTerminal());
        await run.printed('Opening the editor');
        end(run);
        assert.equal(await run.ended, 0);
        assert.match(run.output, /Nothing is left running\./);
        assert.doesNotMatch(run.output, /Open this address/);
        assert.deepEqual(run.processes(), []);
      });
    }

    it('opens VS Code itself where the environment names one, and Ctrl-C ends it with all that it started', async () => {
      const folder = await mkdtemp(`${tmpdir()}/airlock-stand-in-`);
      const editor = await standInEditor(folder);
      try {
        const run = begun(DemoRun.inTerminal(undefined, { AIRLOCK_VSCODE: editor.executable }));
        await eventually(() => Promise.resolve(editor.calls().length === 2 || undefined), 'the window', 150_000);
        assert.match(editor.calls()[0]?.args.join(' ') ?? '', /--install-extension \S+airlock\.vsix/);
        const window = () => run.processes().filter(({ command }) => command.includes('--new-window'));
        await eventually(() => Promise.resolve(window().length === 2 || undefined), 'the window and what it started');
        run.pressCtrlC();
        assert.equal(await run.ended, 0);
        assert.deepEqual(run.processes(), []);
      } finally {
        await rm(folder, { recursive: true, force: true, maxRetries: 10 });
      }
    });
  });

  describe('without a person', () => {
    it('tells the whole story in pictures, mends the project and leaves nothing running', async () => {
      const run = begun(DemoRun.headless());
      assert.equal(await run.ended, 0, run.output);
      assert.match(run.output, /Model: recorded-demo/);
      assert.match(run.output, /test fails\.[^]*test passes\.[^]*Nothing is left running\./);
      assert.deepEqual(run.processes(), []);
      const pictures = globSync(`${repository}/test/e2e/screenshots/demo/*.png`).map((path) => basename(path, '.png'));
      assert.deepEqual(pictures.sort(), [
        '01-project',
        '02-upload',
        '03-prompt',
        '04-answer',
        '05-review',
        '06-changes',
        '07-applied',
        '08-deleted',
      ]);
    });

    it('says no where the model does not mend the bug; a model on this machine gets the key of the environment', async () => {
      const model = await startModelServer(wrongFix, { apiKey: 'demo-key' });
      try {
        const env = { OPENAI_API_KEY: 'demo-key', OPENAI_BASE_URL: model.url, OPENAI_MODEL: modelName };
        const run = begun(DemoRun.headless(env));
        assert.equal(await run.ended, 1, run.output);
        assert.match(run.output, /with OPENAI_API_KEY from the environment/);
        assert.match(run.output, /The session is deleted\.[^]*test still fails\.[^]*Nothing is left running\./);
        assert.ok(model.requests.length > 0, 'the key was sent');
        assert.deepEqual(run.processes(), []);
      } finally {
        await model.close();
      }
    });

    it('leaves nothing running when it is broken off in the middle of the story', async () => {
      const model = await startModelServer(() => ({ text: 'and so on '.repeat(5_000), pieceDelayMs: 200 }));
      try {
        const env = { OPENAI_API_KEY: 'any', OPENAI_BASE_URL: model.url, OPENAI_MODEL: modelName };
        const run = begun(DemoRun.headless(env));
        await eventually(() => Promise.resolve(model.requests.length > 0 || undefined), 'a running turn', 240_000);
        const root = run.root() ?? '';
        const pids = sandboxProcesses(`${root}/server/User/globalStorage/airlock-dev.airlock`);
        assert.ok(pids.length > 3, 'keeper, bubblewrap and supervisor run until now');
        run.interrupt();
        assert.equal(await run.ended, 130, run.output);
        assert.ok(run.output.includes(nothingLeft), run.output);
        assert.deepEqual([running(pids), run.processes(), existsSync(root)], [[], [], false]);
      } finally {
        await model.close();
      }
    });
  });
});

/** Opens the address as a person does, and asks for the agent; answers with the processes of its sandbox. */
async function sandboxStartedAt(address: string, data: string): Promise<number[]> {
  const profile = await mkdtemp(`${tmpdir()}/airlock-profile-`);
  const browser = await openBrowser(profile);
  try {
    const page = browser.pages()[0] ?? (await browser.newPage());
    await page.goto(address);
    await page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: 120_000 });
    await new QuickInput(page).command('Airlock: Run Agent in Sandbox');
    await new QuickInput(page).choose('Built-in');
    await new Messages(page).dialog();
    await new Messages(page).answer('Upload and Start');
    const storage = `${data}/User/globalStorage/airlock-dev.airlock`;
    return await eventually(
      () => Promise.resolve(sandboxProcesses(storage).length > 3 ? sandboxProcesses(storage) : undefined),
      'a running sandbox',
    );
  } finally {
    await browser.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** Goes wrong where the demo's script mends: another line of the same file, which changes nothing of what it does. */
const wrongFix: ModelScript = (conversation, attempt) => {
  const step = demoScript(conversation, attempt);
  const calls = step.calls?.map((call) => ('patch' in call ? { patch: { ...call.patch, diff: remark } } : call));
  return calls === undefined ? step : { ...step, calls };
};

const remark = ['@@', '-    rest = seconds - count * size;', '+    rest = seconds - count * size; // ?', ''].join('\n');
