import type { Locator, Page } from 'playwright-core';
import { actUntil, eventually, shown } from '../eventually.ts';

/** The terminals in the panel at the bottom of the window. */
export class TerminalPanel {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** What the terminal that has the focus shows, line by line. */
  async text(): Promise<string> {
    const lines = await this.#active().locator('.xterm-rows > div').allTextContents();
    return lines.map((line) => line.replaceAll('\u00a0', ' ').trimEnd()).join('\n');
  }

  /** Waits until that is shown; lines that are wrapped by the width are one. */
  async saw(expected: RegExp, timeoutMs = 120_000): Promise<string> {
    return await eventually(
      async () => {
        const text = await this.text();
        return expected.test(text) || expected.test(text.replaceAll('\n', '')) ? text : undefined;
      },
      `${String(expected)} in the terminal`,
      timeoutMs,
    );
  }

  async focus(): Promise<void> {
    await this.#active().locator('.xterm-helper-textarea').first().focus();
  }

  async type(text: string): Promise<void> {
    await this.focus();
    await this.#page.keyboard.type(text);
  }

  async press(key: string): Promise<void> {
    await this.focus();
    await this.#page.keyboard.press(key);
  }

  /** Runs a line in the shell that has the focus. */
  async run(line: string): Promise<void> {
    await this.type(line);
    await this.#page.keyboard.press('Enter');
  }

  /** The names of the tabs: of the one terminal in the title, or of the list where there are several. */
  async names(): Promise<string[]> {
    const list = this.#page.locator('.terminal-tabs-entry .label-name');
    const single = this.#page.locator('.single-terminal-tab');
    const names = (await list.count()) > 0 ? await list.allTextContents() : await single.allTextContents();
    return names.map((name) => shown(name).trim());
  }

  /** Columns of text that the terminal with the focus shows beside each other. */
  async groupSize(): Promise<number> {
    return await this.#page.locator('.terminal-group .split-view-view:visible .terminal-wrapper').count();
  }

  /** Opens a terminal by the menu beside the + of the panel. */
  async openByMenu(profile: string): Promise<void> {
    const item = this.#page.getByRole('menuitem', { name: profile, exact: true });
    await actUntil(
      () => this.#page.locator('.part.panel .action-label[aria-label^="Launch Profile"]').last().click(),
      async () => (await item.isVisible()) || undefined,
      `the menu with ${profile}`,
    );
    // A menu that has just opened takes no click.
    await eventually(async () => {
      if ((await item.count()) > 0) await item.click({ timeout: 2000 }).catch(() => undefined);
      return (await item.count()) === 0 || undefined;
    }, `the choice of ${profile}`);
  }

  /** Of several beside each other, the one that was opened last. */
  #active(): Locator {
    return this.#page.locator('.terminal-wrapper.active:visible').last();
  }
}
