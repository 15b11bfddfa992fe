import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { repository } from '../support/commands/places.mjs';
import { running, sandboxProcesses } from '../support/story/leftovers.ts';
import { openBrowser } from '../support/vscode/browser.ts';
import { eventually } from '../support/vscode/eventually.ts';
import { Messages } from '../support/vscode/parts/messages.ts';
import { QuickInput } from '../support/vscode/parts/quick-input.ts';
import { ProcessGroup } from '../support/vscode/process-group.ts';

describe('the demo with a person in front', function () {
  this.timeout(240_000);
  let demo: ProcessGroup;
  let profile: string;
  let browser: BrowserContext;

  before(async () => {
    const { OPENAI_API_KEY: _key, ...env } = process.env;
    const args = [`${repository}/test/support/commands/demo/main.ts`];
    demo = new ProcessGroup(process.execPath, args, { env: { ...env, AIRLOCK_VSCODE: undefined, DISPLAY: undefined } });
    profile = await mkdtemp(`${tmpdir()}/airlock-profile-`);
    browser = await openBrowser(profile);
  });

  after(async () => {
    await browser.close();
    await demo.end();
    await rm(profile, { recursive: true, force: true });
  });

  it('lets in who knows the token, and Ctrl-C leaves nothing running', async () => {
    await demo.printed('Ctrl-C ends everything');
    const address = /http:\S+/.exec(demo.output)?.[0] ?? '';
    assert.match(address, /^http:\/\/127\.0\.0\.1:\d+\/\?tkn=[0-9a-f]{32}&folder=/);
    const refused = await fetch(address.replace(/tkn=[0-9a-f]+/, 'tkn=wrong'), { redirect: 'manual' });
    assert.equal(refused.status, 403);
    const folder = new URL(address).searchParams.get('folder') ?? '';
    const page = browser.pages()[0] ?? (await browser.newPage());
    await page.goto(address);
    await page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: 120_000 });
    await new QuickInput(page).command('Airlock: Run Agent in Sandbox');
    await new Messages(page).dialog();
    await new Messages(page).answer('Upload and Start');
    const storage = `${dirname(folder)}/editor/data/User/globalStorage/airlock-dev.airlock`;
    const pids = await eventually(
      () => Promise.resolve(sandboxProcesses(storage).length > 3 ? sandboxProcesses(storage) : undefined),
      'a running sandbox',
      60_000,
    );
    demo.signal('SIGINT');
    await demo.printed('Nothing is left running.');
    await eventually(() => Promise.resolve(demo.signal(0) ? undefined : true), 'the end of the demo');
    assert.deepEqual(running(pids), []);
    assert.equal(existsSync(folder), false);
  });
});
