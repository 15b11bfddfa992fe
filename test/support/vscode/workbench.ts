import { globSync, readdirSync, readFileSync, statSync } from 'node:fs';
import type { BrowserContext, Frame, Page } from 'playwright-core';
import { openBrowser } from './browser.ts';
import { eventually } from './eventually.ts';
import { findWebview, multiDiff, tabs, terminalText, typeInTerminal, type DiffEntry } from './parts/editors.ts';
import { Messages } from './parts/messages.ts';
import { QuickInput } from './parts/quick-input.ts';
import { Tree } from './parts/tree.ts';
import { startWorkbenchServer, type Server, type ServerOptions } from './server.ts';

/** How long one part of the page may take to be asked, in milliseconds. */
const momentMs = 2000;

/** How a window is opened. Everything lies below `root`: the server's data in `server`, the browser's in `browser`. */
export interface WorkbenchOptions extends Omit<ServerOptions, 'data'> {
  readonly root: string;
  /** Folder or .code-workspace file to open; none opens an empty window. */
  readonly open?: string;
  readonly width?: number;
  readonly height?: number;
}

/** The themes that are looked at, and the class that the window has with each. */
export const themes = {
  'Light Modern': 'vs',
  'Dark Modern': 'vs-dark',
  'Light High Contrast': 'hc-light',
  'Dark High Contrast': 'hc-black',
} as const;

/** A window of VS Code in a browser, driven as a person would: by what is on the screen. */
export class Workbench {
  readonly page: Page;
  readonly server: Server;
  readonly quickInput: QuickInput;
  readonly messages: Messages;
  readonly #options: WorkbenchOptions;
  readonly #browser: BrowserContext;

  private constructor(options: WorkbenchOptions, server: Server, browser: BrowserContext, page: Page) {
    this.#options = options;
    this.#browser = browser;
    this.server = server;
    this.page = page;
    this.quickInput = new QuickInput(page);
    this.messages = new Messages(page);
  }

  /** Starts server and browser, opens the window and waits until its extension host has activated its extensions. */
  static async open(options: WorkbenchOptions): Promise<Workbench> {
    const server = await startWorkbenchServer({ ...options, data: `${options.root}/server` });
    try {
      const browser = await openBrowser(`${options.root}/browser`, options.width, options.height);
      const workbench = new Workbench(options, server, browser, browser.pages()[0] ?? (await browser.newPage()));
      await workbench.#load();
      return workbench;
    } catch (error) {
      await server.group.end();
      throw error;
    }
  }

  /** Where this window is. */
  get address(): string {
    const { open } = this.#options;
    const url = new URL(`http://127.0.0.1:${this.server.port}/`);
    if (open === undefined) url.searchParams.set('ew', 'true');
    else url.searchParams.set(open.endsWith('.code-workspace') ? 'workspace' : 'folder', open);
    return url.href;
  }

  /** Runs a command by the palette; `title` as the palette shows it. */
  async command(title: string): Promise<void> {
    await this.quickInput.command(title);
  }

  /** Shows a view and gives it the focus, wherever it lies. */
  async focusView(container: string, view: string): Promise<void> {
    await this.command(`${container}: Focus on ${view} View`);
  }

  tree(name: string): Tree {
    return new Tree(this.page, name);
  }

  /** The document of an extension's webview that contains something of that selector. */
  async webview(extensionId: string, contains?: string): Promise<Frame> {
    return findWebview(this.page, extensionId, contains);
  }

  async tabs(): Promise<string[]> {
    return tabs(this.page);
  }

  async multiDiff(timeout?: number): Promise<DiffEntry[]> {
    return multiDiff(this.page, timeout);
  }

  async terminalText(): Promise<string> {
    return terminalText(this.page);
  }

  async typeInTerminal(text: string): Promise<void> {
    await typeInTerminal(this.page, text);
  }

  async clipboard(): Promise<string> {
    return await this.page.evaluate<string>('navigator.clipboard.readText()');
  }

  async setClipboard(text: string): Promise<void> {
    await this.page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
  }

  /** The texts of the status bar, as a screen reader says them. */
  async statusBar(): Promise<string[]> {
    const items = await this.page.locator('.statusbar-item:visible').all();
    // One that has gone meanwhile says nothing.
    const said = items.map((item) => item.getAttribute('aria-label', { timeout: momentMs }).catch(() => null));
    return (await Promise.all(said)).map((text) => text ?? '');
  }

  async setTheme(theme: keyof typeof themes): Promise<void> {
    // A list closes when the focus goes elsewhere, as it does when the window shows something new meanwhile.
    await eventually(
      async () => {
        await this.command('Preferences: Color Theme');
        await this.quickInput.choose(theme, 10_000);
        await this.page.locator(`.monaco-workbench.${themes[theme]}`).waitFor({ timeout: 10_000 });
        return true;
      },
      `the theme ${theme}`,
      150_000,
    );
  }

  async screenshot(path: string): Promise<void> {
    await this.page.screenshot({ path });
  }

  /** Reloads the window, as a person does with F5. */
  async reload(): Promise<void> {
    const before = this.#hostsSoFar();
    await this.page.reload();
    await this.#ready(before);
  }

  /** Kills the extension host without a warning and waits for the window's next one. */
  async killExtensionHost(): Promise<void> {
    const before = this.#hostsSoFar();
    for (const pid of extensionHosts(this.server.group.pid)) process.kill(pid, 'SIGKILL');
    await this.#hostReady(before);
  }

  /** The text of an extension's log output channel. */
  channel(extensionId: string, name: string): string {
    const files = globSync(`${this.#options.root}/server/logs/*/exthost*/${extensionId}/${name}.log`);
    const newest = files.sort((one, other) => statSync(one).mtimeMs - statSync(other).mtimeMs).at(-1);
    return newest === undefined ? '' : readFileSync(newest, 'utf8');
  }

  /** Opens one more window on the same server, on the same folder if no other is given. */
  async anotherWindow(open = this.#options.open): Promise<Workbench> {
    const options = open === undefined ? this.#options : { ...this.#options, open };
    const window = new Workbench(options, this.server, this.#browser, await this.#browser.newPage());
    await window.#load();
    return window;
  }

  /** Closes this window; server, browser and other windows stay. */
  async closeWindow(): Promise<void> {
    await this.page.close();
  }

  /** This window dies without a word to its server, which keeps its extension host for one that comes back. */
  async crashWindow(): Promise<void> {
    const crashed = this.page.waitForEvent('crash');
    await this.page.goto('chrome://crash').catch(() => undefined);
    await crashed;
  }

  /** Ends browser and server; the folder stays, so that another window can be opened on it with the same port. */
  async close(): Promise<void> {
    await this.#browser.close();
    await this.server.group.end();
  }

  /** Ends browser and server and starts both again on the same port: everything that is kept is there again. */
  async restart(meanwhile?: () => Promise<void>): Promise<Workbench> {
    await this.close();
    await meanwhile?.();
    return Workbench.open({ ...this.#options, port: this.server.port });
  }

  async #load(): Promise<void> {
    const before = this.#hostsSoFar();
    await this.page.goto(this.address);
    await this.#ready(before);
    if (this.#options.open?.endsWith('.code-workspace') === true) await this.#withFolders();
  }

  /** A window in a browser that reads its workspace file before its server answers stays without folders. */
  async #withFolders(): Promise<void> {
    const folders = this.page.locator('.explorer-folders-view .monaco-list-row').first();
    const shown = () => folders.waitFor({ timeout: 10_000 }).then(() => true);
    await eventually(() => shown().catch(() => this.reload().then(() => undefined)), 'the folders of the workspace');
  }

  async #ready(hostsBefore: number): Promise<void> {
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: 120_000 });
    await this.#hostReady(hostsBefore);
  }

  /** An idle page is not enough: the extension host comes seconds later. */
  async #hostReady(before: number): Promise<void> {
    await eventually(
      () => Promise.resolve(this.#hostsSoFar() > before || undefined),
      `an extension host in ${this.#options.root}`,
      120_000,
    );
  }

  #hostsSoFar(): number {
    const logs = globSync(`${this.#options.root}/server/logs/*/exthost*/remoteexthost.log`);
    return logs.map((path) => readFileSync(path, 'utf8').split('Eager extensions activated').length - 1).reduce(sum, 0);
  }
}

const sum = (one: number, other: number) => one + other;

/** Extension hosts in a process group, from Linux's /proc. */
function extensionHosts(group: number): number[] {
  const read = (path: string): string => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return '';
    }
  };
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && read(`/proc/${pid}/cmdline`).includes('--type=extensionHost'))
    .filter((pid) => read(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ')[2] === String(group))
    .map(Number);
}
