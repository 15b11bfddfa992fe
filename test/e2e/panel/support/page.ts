import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { z } from 'zod';
import type { FromPanel, ToPanel } from '../../../../src/shared/protocol.ts';
import type { PanelState } from '../../../../src/shared/view.ts';
import { fromPanelShape } from '../../../../src/shared/protocol.ts';
import { panelHtml } from '../../../../src/ui/panel/html.ts';
import { ensureProgram } from '../../../support/commands/system.mjs';
import { repository } from '../../../support/commands/places.mjs';
import { state } from './states.ts';
import { themes, type Theme } from './themes.ts';

/** Where the page was built to. */
const built = process.env['AIRLOCK_BUILT_PAGE'] ?? `${repository}/dist/webview`;
const screenshots = `${repository}/test/e2e/screenshots/panel`;
const types: Readonly<Record<string, string>> = {
  js: 'text/javascript',
  css: 'text/css',
  ttf: 'font/ttf',
  html: 'text/html',
};

/** The built page in Chromium, as the editor shows it: same policy, same files, an editor's side that records. */
export class PanelPage {
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
  }

  static async open(browser: Browser, origin: string, options: OpenOptions = {}): Promise<PanelPage> {
    const { width = 400, height = 800, theme = 'dark', answers = [] } = options;
    const context = await browser.newContext({
      viewport: { width, height },
      reducedMotion: options.motion ?? 'reduce',
    });
    const page = await context.newPage();
    await page.addInitScript({ path: fileURLToPath(new URL('editor.js', import.meta.url)) });
    for (const answer of answers)
      await page.addInitScript(`airlock.answers.push(${JSON.stringify(JSON.stringify(answer))})`);
    const panel = new PanelPage(page);
    await page.goto(origin);
    await panel.dress(themes[theme]);
    await page.waitForFunction('airlock.posted.length > 0');
    await panel.drawn();
    return panel;
  }

  async dress(theme: Theme): Promise<void> {
    await this.page.evaluate(`airlock.dress(${JSON.stringify(theme)})`);
  }

  /** Sends as the extension does and waits until it is drawn. */
  async send(...messages: ToPanel[]): Promise<void> {
    await this.page.evaluate(`airlock.send(...${JSON.stringify(messages)})`);
    await this.drawn();
  }

  async drawn(frames = 3): Promise<void> {
    for (let frame = 0; frame < frames; frame++) await this.page.evaluate('airlock.drawn()');
  }

  /** What the page said to the extension, checked as the extension checks it. */
  async posted(): Promise<FromPanel[]> {
    return z.array(fromPanelShape).parse(await this.page.evaluate('airlock.posted'));
  }

  /** Policy violations and errors so far: a right page has none. */
  async wrongs(): Promise<string[]> {
    return z.array(z.string()).parse(await this.page.evaluate('[...airlock.refused, ...airlock.thrown]'));
  }

  async screenshot(name: string): Promise<void> {
    mkdirSync(screenshots, { recursive: true });
    await this.page.screenshot({ path: `${screenshots}/${name}.png` });
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}

export interface OpenOptions {
  readonly width?: number;
  readonly height?: number;
  readonly theme?: keyof typeof themes;
  /** What the extension answers to `ready`. */
  readonly answers?: readonly ToPanel[];
  readonly motion?: 'reduce' | 'no-preference';
}

/** A browser, and the built page behind a loopback address. */
export interface Stage {
  readonly browser: Browser;
  readonly origin: string;
  close(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
  if (!existsSync(`${built}/main.js`)) throw new Error('Build first: node esbuild.config.js');
  const server = await serve();
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const executablePath = process.env['AIRLOCK_CHROMIUM'] ?? (await ensureProgram('chromium'));
  if (executablePath === undefined) throw new Error('Chromium is needed: install it or name it by AIRLOCK_CHROMIUM.');
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
  const browser = await chromium.launch({ executablePath, args });
  const close = async (): Promise<void> => {
    await browser.close();
    server.closeAllConnections();
    server.close();
  };
  return { browser, origin, close };
}

function serve(): Promise<Server> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').replace(/\?.*$/, '');
    const name = /^\/(main\.js|main\.css|codicon\.css|codicon\.ttf)$/.exec(path)?.[1];
    if (name === undefined && path !== '/') return void response.writeHead(404).end();
    const origin = `http://${request.headers.host ?? ''}`;
    const kind = types[name?.split('.')[1] ?? 'html'] ?? '';
    response.writeHead(200, { 'content-type': `${kind}; charset=utf-8`, 'cache-control': 'no-store' });
    response.end(name === undefined ? html(origin) : readFileSync(`${built}/${name}`));
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

function html(origin: string): string {
  const styles = [`${origin}/codicon.css`, `${origin}/main.css`];
  return panelHtml({ source: origin, nonce: 'dGVzdA', script: `${origin}/main.js`, styles });
}

/** The panel of a row, opened once what it is to show is known. */
export interface PanelRow {
  readonly panel: PanelPage;
  readonly open: (more?: Partial<PanelState>, options?: OpenOptions) => Promise<void>;
  /** As {@link open}, with other answers than a state or with none. */
  readonly openWith: (options: OpenOptions) => Promise<void>;
}

/** A panel for each row, which must have done nothing wrong by its end. */
export function onPanel(): PanelRow {
  let stage: Stage;
  let panel: PanelPage;
  before(async () => {
    stage = await openStage();
  });
  after(() => stage.close());
  afterEach(async () => {
    assert.deepEqual(await panel.wrongs(), []);
    await panel.close();
  });
  const openWith = async (options: OpenOptions) => {
    panel = await PanelPage.open(stage.browser, stage.origin, options);
  };
  return {
    get panel() {
      return panel;
    },
    open: (more = {}, options = {}) => openWith({ answers: [state(more)], ...options }),
    openWith,
  };
}
