import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { Page } from 'playwright-core';
import { freePort } from '../support/freePort.ts';
import { modelName } from '../support/model/answer.ts';
import { startModelServer, type ModelServer } from '../support/model/server.ts';
import { editPrompt, startPrompt, warmGreeting, webScript } from '../support/model/webScript.ts';
import { isRefused } from '../support/ports/refused.ts';
import { installInto } from '../support/ports/webProject.ts';
import { running, sandboxProcesses } from '../support/story/leftovers.ts';
import { Story } from '../support/story/story.ts';
import { actUntil, eventually } from '../support/vscode/eventually.ts';
import { Walk } from '../support/vscode/walk.ts';
import { inOrder } from '../support/story/inOrder.ts';

const greeting = 'Hello from the sandbox';

/** A person's look at what the agent built: each test goes on where the one before ended. */
describe('the ports of a sandbox', function () {
  this.timeout(300_000);
  inOrder();
  let model: ModelServer;
  let walk: Walk;
  let story: Story;
  let page: Page;
  let local = 0;

  const open = async (fixture: string, command: string, name = 'ports', portNames = false): Promise<void> => {
    model = await startModelServer(webScript(command));
    const settings = { 'airlock.model.name': modelName, 'airlock.model.baseUrl': model.url };
    const prepare = (folder: string) => installInto(folder, fixture);
    walk = await Walk.start({ name: `${name}-${fixture}`, fixture, settings, prepare, portNames });
    story = new Story(walk);
  };
  const close = async (): Promise<void> => {
    await walk.end();
    await model.close();
  };
  const ports = () => walk.workbench.tree('Ports');
  /** On a row that is drawn anew in this moment the editor hands over no row, and the port is asked for. */
  const onRow = async <T>(act: () => Promise<void>, seen: () => Promise<T | undefined>, what: string): Promise<T> =>
    await actUntil(
      async () => {
        await walk.workbench.page.keyboard.press('Escape');
        await act();
      },
      seen,
      what,
    );
  /** The page that the browser opens for a row of the tree. */
  const openedFrom = async (row: string | RegExp): Promise<Page> => {
    const context = walk.workbench.page.context();
    const before = context.pages();
    return await onRow(
      () => ports().menu(row, 'Open Port in Browser'),
      () => Promise.resolve(context.pages().find((one) => !before.includes(one))),
      'the page in a browser',
    );
  };
  /** Chooses from a row's menu what asks for a text, and types it. */
  const tell = async (row: string, item: string, prompt: string, text: string): Promise<void> => {
    const { quickInput } = walk.workbench;
    const isAsked = async () => (await quickInput.says(prompt)) || undefined;
    await onRow(() => ports().menu(row, item), isAsked, prompt);
    await quickInput.enter(text);
  };
  /** Looks at the page; pages behind another one are not drawn, so the window comes back to the front. */
  const showsGreeting = async (text: string): Promise<void> => {
    await page.bringToFront();
    await page.getByRole('heading', { name: text }).waitFor();
    await walk.workbench.page.bringToFront();
  };
  const isInEditor = async (text: string): Promise<true | undefined> => {
    for (const frame of walk.workbench.page.frames()) {
      const isOurs = /^http:\/\/s-[0-9a-f]{20}\.localhost:/.test(frame.url());
      if (isOurs && (await frame.getByRole('heading', { name: text }).isVisible())) return true;
    }
    return undefined;
  };
  const localPort = async (row: string | RegExp): Promise<number> =>
    eventually(async () => {
      const port = /Local port (\d+)/.exec((await ports().find(row)).description)?.[1];
      return port === undefined ? undefined : Number(port);
    }, 'the local port');
  /** The row is drawn a moment after what it tells of has happened. */
  const says = async (row: string | RegExp, words: RegExp): Promise<void> => {
    const look = async () => words.test((await ports().find(row)).description) || undefined;
    await eventually(look, `a row that says ${words.source}`);
  };
  const endsWithoutTrace = async (): Promise<void> => {
    const pids = sandboxProcesses(walk.storage);
    assert.ok(pids.length > 2, 'keeper, bubblewrap and supervisor run until now');
    await story.delete();
    await eventually(() => isRefused(local), 'the end of the listener');
    await eventually(() => Promise.resolve(running(pids).length === 0 || undefined), 'the end of the sandbox');
  };

  const showsEdit = async (): Promise<void> => {
    await page.evaluate("document.body.setAttribute('data-kept', '')");
    await story.prompt(editPrompt);
    await showsGreeting(warmGreeting);
    assert.equal(await page.locator('body[data-kept]').count(), 1);
    await story.turnEnd();
  };

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await walk.shot('failed');
  });

  describe('by the loopback address, with Vite', () => {
    before(() => open('web-vite', 'npm run dev'));
    after(close);

    it('notices the server that the agent starts, and says so once', async () => {
      await story.start();
      await story.prompt(startPrompt);
      await walk.workbench.messages.notification(/listens on port 5173/);
      await walk.workbench.focusView('Airlock', 'Ports');
      await says('5173', /^Not forwarded · (node|MainThread)/);
      await story.turnEnd();
      await walk.shot('noticed');
    });

    it('opens it in the editor', async () => {
      await walk.workbench.messages.press(/listens on port 5173/, 'Open');
      await eventually(() => isInEditor(greeting), 'the page in a tab');
      local = await localPort('5173');
      await walk.shot('in-the-editor');
    });

    it('opens it in a browser, by its own address: the editor would show it below a path', async () => {
      page = await openedFrom('5173');
      await showsGreeting(greeting);
      assert.match(page.url(), new RegExp(`^http://s-[0-9a-f]{20}\\.localhost:${local}/$`));
    });

    it('shows an edit of the agent at once, without loading the page again', showsEdit);

    it('labels it, and leads to it from a port of choice', async () => {
      await tell('5173', 'Label Port…', 'Name of port 5173', 'Greeting');
      await ports().find('Greeting (5173)');
      const wished = await freePort();
      await tell('Greeting (5173)', 'Choose Local Port…', 'leads to port 5173', String(wished));
      await eventually(async () => (await localPort(/5173/)) === wished || undefined, 'the chosen port');
      await eventually(() => isRefused(local), 'the end of the listener before');
      local = wished;
      await walk.shot('labelled');
    });

    it('copies an address that works in one browser', async () => {
      const copied = async () => {
        const text = await walk.workbench.page.evaluate<string>('navigator.clipboard.readText()');
        return text.includes('.localhost:') ? text : undefined;
      };
      const address = await onRow(() => ports().action(/5173/, 'Copy Address of Port'), copied, 'a copied address');
      const { pathname, host } = new URL(address);
      const [first, second] = [await statusOf(local, host, pathname), await statusOf(local, host, pathname)];
      assert.deepEqual([first, second], [200, 403]);
      assert.equal(await statusOf(local, host, '/'), 403, 'without the cookie there is nothing to see');
    });

    it('comes back after a reload, at the same place and for the pages that are open', async () => {
      page = await openedFrom(/5173/);
      await showsGreeting(warmGreeting);
      await walk.workbench.reload();
      await walk.workbench.focusView('Airlock', 'Ports');
      assert.equal(await localPort('Greeting (5173)'), local);
      // The page comes back by itself too, which cuts off a reload of the same moment.
      await eventually(async () => (await page.reload()) ?? undefined, 'the page again');
      await showsGreeting(warmGreeting);
      await eventually(async () => {
        await walk.workbench.page.keyboard.press('Escape');
        await ports().action(/5173/, 'Open Port');
        return await eventually(() => isInEditor(warmGreeting), 'the page', 15_000);
      }, 'the page in a tab');
    });

    it('looks right in light and dark', async () => {
      await walk.inBothThemes('ports');
    });

    it('stops forwarding', async () => {
      const isOver = () => isRefused(local);
      await onRow(() => ports().action(/5173/, 'Stop Forwarding Port'), isOver, 'the end of the listener');
      await says(/5173/, /Not forwarded/);
    });

    it('comes back with a stopped sandbox, and closes with the session', async () => {
      const isForwarded = async () => /Local port/.test((await ports().find(/5173/)).description) || undefined;
      await onRow(() => ports().menu(/5173/, 'Copy Address of Port'), isForwarded, 'a forwarded port');
      assert.equal(await localPort(/5173/), local);
      await walk.workbench.command('Airlock: Stop Sandbox');
      await eventually(() => isRefused(local), 'the end of the listener');
      await walk.workbench.command('Airlock: Restart Sandbox');
      await eventually(async () => ((await isRefused(local)) === true ? undefined : true), 'the listener again');
      await says(/5173/, /Nothing listens/);
      await endsWithoutTrace();
    });
  });

  describe('by the local port that its own pages name, with webpack', () => {
    let guest = 0;
    before(async () => {
      guest = await freePort();
      await open('web-webpack', `npm run dev -- ${guest}`);
    });
    after(close);

    it('opens what the agent started', async () => {
      await story.start();
      await story.prompt(startPrompt);
      await walk.workbench.focusView('Airlock', 'Ports');
      await ports().find(String(guest));
      await story.turnEnd();
      // Its pages open a WebSocket to the port that the server has inside.
      await tell(String(guest), 'Choose Local Port…', `leads to port ${guest}`, String(guest));
      await eventually(async () => (await localPort(String(guest))) === guest || undefined, 'the chosen port');
      local = guest;
      page = await openedFrom(String(guest));
      await showsGreeting(greeting);
    });

    it('shows an edit of the agent at once, without loading the page again', showsEdit);

    it('closes with the session', endsWithoutTrace);
  });

  describe('by a name that the editor gives it, with Vite', () => {
    before(() => open('web-vite', 'npm run dev', 'by-name', true));
    after(close);

    it('opens what the agent started', async () => {
      await story.start();
      await story.prompt(startPrompt);
      await walk.workbench.focusView('Airlock', 'Ports');
      await ports().find('5173');
      await story.turnEnd();
      page = await openedFrom('5173');
      await showsGreeting(greeting);
      local = await localPort('5173');
      const editor = new URL(walk.workbench.address).port;
      assert.equal(page.url(), `http://${local}.localhost:${editor}/`);
    });

    it('shows an edit of the agent at once, without loading the page again', showsEdit);

    it('closes with the session', endsWithoutTrace);
  });
});

async function statusOf(port: number, host: string, path: string): Promise<number | undefined> {
  const asked = get({ host: '127.0.0.1', port, path, headers: { host }, agent: false });
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.resume();
  return answer.statusCode;
}
