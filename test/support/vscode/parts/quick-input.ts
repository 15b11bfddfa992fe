import type { Locator, Page } from 'playwright-core';
import { eventually, exactly, shown } from '../eventually.ts';

/** One row of a quick pick. */
export interface PickRow {
  readonly label: string;
  readonly description: string;
  /** "label, description, detail", as a screen reader says it. */
  readonly aria: string;
}

/** The box at the top of the window: command palette, quick picks, input boxes. */
export class QuickInput {
  readonly #page: Page;
  readonly #box: Locator;

  constructor(page: Page) {
    this.#page = page;
    this.#box = page.locator('.quick-input-widget:visible');
  }

  /**
   * Runs a command by the palette.
   *
   * @param title as the palette shows it: `Category: Title`
   */
  async command(title: string): Promise<void> {
    const run = async () => {
      // The first tries may come before the window knows its commands.
      await this.#page.keyboard.press('F1');
      await this.#box.locator('input').first().fill(`>${title}`, { timeout: 5_000 });
      await this.#row(title).click({ timeout: 5_000 });
      return true;
    };
    await eventually(() => run().catch((error: unknown) => this.#giveUp(error)), `the command "${title}"`);
  }

  /** Rows that are drawn now (the list is virtual), once there are any. */
  async rows(): Promise<PickRow[]> {
    const rows = this.#box.locator('.quick-input-list .monaco-list-row');
    await rows.first().waitFor();
    return Promise.all((await rows.all()).map(readRow));
  }

  /** Clicks the row of that label; filters by the label, so that long lists do not matter. */
  async choose(label: string, timeout = 60_000): Promise<void> {
    await this.#row(label).or(this.#box.locator('input').first()).first().waitFor({ timeout });
    if ((await this.#row(label).count()) === 0) await this.#box.locator('input').first().fill(label, { timeout });
    await this.#row(label).click({ timeout });
  }

  /** Checks or unchecks a row of a pick that takes several. */
  async setChecked(label: string, checked: boolean): Promise<void> {
    const box = this.#row(label)
      .getByRole('checkbox')
      .or(this.#row(label).locator('.quick-input-list-checkbox'))
      .first();
    if ((await box.getAttribute('aria-checked')) !== String(checked)) await box.click();
  }

  /** Fills an input box and confirms it. */
  async enter(value: string): Promise<void> {
    await this.fill(value);
    await this.accept();
  }

  async fill(value: string): Promise<void> {
    await this.#box.locator('input').first().fill(value);
  }

  async accept(): Promise<void> {
    await this.#page.keyboard.press('Enter');
  }

  /** Presses OK in a pick that takes several: there the Enter key may belong to a checkbox. */
  async confirm(): Promise<void> {
    await this.#box.locator('.monaco-button').getByText('OK', { exact: true }).click();
  }

  async cancel(): Promise<void> {
    await this.#page.keyboard.press('Escape');
    await this.#box.waitFor({ state: 'hidden' });
  }

  /** True while a box with that title is open. */
  async isOpen(title: string): Promise<boolean> {
    return (await this.#box.locator('.quick-input-title', { hasText: exactly(title) }).count()) > 0;
  }

  async title(): Promise<string> {
    return shown(await this.#box.locator('.quick-input-title').textContent());
  }

  async placeholder(): Promise<string> {
    return (await this.#box.locator('input').first().getAttribute('placeholder')) ?? '';
  }

  async value(): Promise<string> {
    return this.#box.locator('input').first().inputValue();
  }

  /** Waits until validation, or the prompt of an input box, says something with that text. */
  async message(contains: string): Promise<string> {
    const message = this.#box.locator('.quick-input-message', { hasText: contains });
    return shown(await message.textContent());
  }

  async #giveUp(error: unknown): Promise<never> {
    await this.#page.keyboard.press('Escape');
    throw error;
  }

  #row(label: string): Locator {
    return this.#box
      .locator('.quick-input-list .monaco-list-row')
      .filter({ has: this.#page.locator('.label-name', { hasText: exactly(label) }) })
      .first();
  }
}

async function readRow(row: Locator): Promise<PickRow> {
  const [label, description] = await Promise.all(
    ['.label-name', '.label-description'].map(async (part) =>
      shown((await row.locator(part).allTextContents())[0] ?? ''),
    ),
  );
  return { label: label ?? '', description: description ?? '', aria: (await row.getAttribute('aria-label')) ?? '' };
}
