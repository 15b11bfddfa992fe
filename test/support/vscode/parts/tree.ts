import type { Locator, Page } from 'playwright-core';
import { actUntil, eventually, exactly, shown } from '../eventually.ts';

/** A row of a tree view as it is shown. */
export interface TreeRow {
  readonly label: string;
  readonly description: string;
  /** 1 at the top. */
  readonly level: number;
  readonly expanded: boolean | undefined;
  /** Undefined where the row has no checkbox. */
  readonly checked: boolean | undefined;
  /** What a screen reader says. */
  readonly aria: string;
}

/** A tree view, by its name. Its list is virtual: rows outside the visible part are not there. */
export class Tree {
  readonly #page: Page;
  readonly #name: string;
  readonly #rows: Locator;

  constructor(page: Page, name: string) {
    this.#page = page;
    this.#name = name;
    this.#rows = page.locator(`[role=tree][aria-label=${JSON.stringify(name)}] [role=treeitem]`);
  }

  /** The rows that are drawn now; there may be none yet. */
  async rows(): Promise<TreeRow[]> {
    // A row may go while the others are read.
    return eventually(async () => Promise.all((await this.#rows.all()).map(readRow)), `the rows of ${this.#name}`);
  }

  /** The row of that label, for what has no method of its own. */
  row(label: string | RegExp): Locator {
    const name = this.#page.locator('.label-name', { hasText: exactly(label) });
    return this.#rows.filter({ has: name }).first();
  }

  /** Waits for a row. */
  async find(label: string | RegExp): Promise<TreeRow> {
    // It may be drawn anew while it is read.
    return await eventually(
      async () => {
        await this.row(label).waitFor();
        return await readRow(this.row(label));
      },
      `the row ${String(label)} of ${this.#name}`,
    );
  }

  async click(label: string | RegExp): Promise<void> {
    await this.row(label).locator('.label-name').click();
  }

  async setExpanded(label: string | RegExp, expanded: boolean): Promise<void> {
    const row = this.row(label);
    if ((await row.getAttribute('aria-expanded')) !== String(expanded)) await row.locator('.monaco-tl-twistie').click();
  }

  async setChecked(label: string | RegExp, checked: boolean): Promise<void> {
    const box = this.row(label).getByRole('checkbox');
    await box.waitFor();
    await actUntil(
      () => box.click(soon),
      async () => (await box.getAttribute('aria-checked', soon)) === String(checked) || undefined,
      `the check of ${String(label)}`,
    );
  }

  /** Presses an action that shows in the row when the pointer is over it. */
  async action(label: string | RegExp, action: string): Promise<void> {
    const button = this.row(label).locator(`.actions .action-label[aria-label^=${JSON.stringify(action)}]`);
    await eventually(async () => {
      // A row that is drawn anew in between is no longer the one that the pointer is over.
      await this.row(label).hover(soon);
      await button.click(soon);
      return true;
    }, `the action "${action}"`);
  }

  /** Chooses from the row's context menu. */
  async menu(label: string | RegExp, item: string): Promise<void> {
    // Beside its title an entry may show the key that does the same.
    const title = this.#page.locator('.action-label', { hasText: exactly(item) });
    const entry = this.#page.getByRole('menuitem').filter({ has: title });
    await eventually(async () => {
      // A row that is drawn anew in between has no menu.
      await this.row(label)
        .locator('.label-name')
        .click({ button: 'right', ...soon });
      await entry.waitFor({ timeout: 5000 });
      return true;
    }, `the menu with "${item}"`);
    // A menu takes no clicks in its first moments.
    await eventually(async () => {
      if ((await entry.count()) > 0) await entry.click({ timeout: 1000 });
      return (await entry.count()) === 0 || undefined;
    }, `the end of the menu with "${item}"`);
  }

  /** Presses an action in the view's title. */
  async titleAction(action: string): Promise<void> {
    const header = this.#page.locator(`.pane-header[aria-label^=${JSON.stringify(this.#name)}]`);
    const button = header.locator(`.actions .action-label[aria-label^=${JSON.stringify(action)}]`);
    await eventually(async () => {
      // Actions that are drawn anew in between show only once the pointer comes again.
      await header.hover(soon);
      await button.click(soon);
      return true;
    }, `the action "${action}"`);
  }

  /** What the view says and offers where it has no rows. */
  welcome(): Locator {
    return this.#page
      .locator('.pane', { has: this.#page.locator(`.pane-header[aria-label^=${JSON.stringify(this.#name)}]`) })
      .locator('.welcome-view-content');
  }
}

/** A row that is there is read in no time. */
const soon = { timeout: 2000 };

async function readRow(row: Locator): Promise<TreeRow> {
  const text = async (part: string) => shown((await row.locator(part).allTextContents())[0] ?? '');
  const attribute = (name: string) => row.getAttribute(name, soon);
  const box = row.getByRole('checkbox');
  const [expanded, checked] = [
    await attribute('aria-expanded'),
    (await box.count()) > 0 ? await box.first().getAttribute('aria-checked', soon) : null,
  ];
  return {
    label: await text('.label-name'),
    description: await text('.label-description'),
    level: Number(await attribute('aria-level')),
    expanded: expanded === null ? undefined : expanded === 'true',
    checked: checked === null ? undefined : checked === 'true',
    aria: (await attribute('aria-label')) ?? '',
  };
}
