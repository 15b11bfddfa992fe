import { setTimeout as wait } from 'node:timers/promises';
import type { Locator, Page } from 'playwright-core';
import { actUntil, eventually, exactly, shown } from '../eventually.ts';

/** What is there takes no longer, however much the machine has to do. */
const there = { timeout: 15_000 };

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
  readonly #input: Locator;

  constructor(page: Page) {
    this.#page = page;
    this.#box = page.locator('.quick-input-widget:visible');
    this.#input = this.#box.locator('input').first();
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
      await this.#input.fill(`>${title}`, { timeout: 5_000 });
      await this.#row(title).click({ timeout: 5_000 });
      await this.#isLeft(`>${title}`);
      return true;
    };
    await eventually(() => run().catch((error: unknown) => this.#giveUp(error)), `the command "${title}"`, 120_000);
  }

  /**
   * Runs a command that lets a person choose, and chooses. It is asked again where its list closed: that happens when the
   * focus goes elsewhere, as it does when the window shows something new meanwhile.
   *
   * @param label none chooses the first row
   */
  async pick(title: string, label?: string): Promise<void> {
    const run = async () => {
      await this.command(title);
      await this.choose(label ?? (await this.rows(there.timeout))[0]?.label ?? '', there.timeout);
      return true;
    };
    await eventually(run, `the choice of ${label ?? 'the first row'} by "${title}"`, 150_000);
  }

  /** Rows that are drawn now (the list is virtual), once there are any. */
  async rows(timeoutMs = 120_000): Promise<PickRow[]> {
    const rows = this.#box.locator('.quick-input-list .monaco-list-row');
    // A row may go while the others are read.
    return await eventually(
      async () => {
        await rows.first().waitFor(there);
        return await Promise.all((await rows.all()).map(readRow));
      },
      'the rows of the list',
      timeoutMs,
    );
  }

  /** Clicks the row of that label; filters by the label, so that long lists do not matter. */
  async choose(label: string, timeout = 60_000): Promise<void> {
    const row = this.#row(label);
    await row.or(this.#input).first().waitFor({ timeout });
    if ((await row.count()) === 0) await this.#input.fill(label, { timeout });
    await row.waitFor({ timeout });
    // On a list that is filled anew in this moment a click chooses nothing, and the list stays.
    await eventually(async () => {
      await row.click(there);
      await row.waitFor({ state: 'hidden', ...there });
      return true;
    }, `the choice of "${label}"`);
  }

  /** Checks or unchecks a row of a pick that takes several. */
  async setChecked(label: string, checked: boolean): Promise<void> {
    const box = this.#row(label)
      .getByRole('checkbox')
      .or(this.#row(label).locator('.quick-input-list-checkbox'))
      .first();
    await box.waitFor();
    await actUntil(
      () => box.click(there),
      async () => (await box.getAttribute('aria-checked', there)) === String(checked) || undefined,
      `the check of "${label}"`,
    );
  }

  /** Fills an input box and confirms it. */
  async enter(value: string): Promise<void> {
    await this.fill(value);
    await this.accept();
  }

  /** A box that has just been opened may be emptied once more: it counts when it stays. */
  async fill(value: string): Promise<void> {
    await actUntil(
      () => this.#input.fill(value, there),
      async () => (await this.#keeps(value)) || undefined,
      `"${value}" in the box`,
      3_000,
    );
  }

  async accept(): Promise<void> {
    await this.#input.press('Enter');
  }

  /** Presses OK in a pick that takes several, and waits for its end: there the Enter key may belong to a checkbox. */
  async confirm(): Promise<void> {
    const ok = this.#box.locator('.monaco-button').getByText('OK', { exact: true });
    await ok.waitFor();
    await actUntil(
      () => ok.click(there),
      async () => (await ok.count()) === 0 || undefined,
      'the end of the pick',
    );
  }

  async cancel(): Promise<void> {
    await actUntil(
      () => this.#page.keyboard.press('Escape'),
      async () => (await this.#box.count()) === 0 || undefined,
      'the end of the box',
    );
  }

  /** Waits for a box with that title. */
  async opened(title: string | RegExp): Promise<void> {
    await this.#box.locator('.quick-input-title', { hasText: exactly(title) }).waitFor();
  }

  /** True while a box with that title is open. */
  async isOpen(title: string): Promise<boolean> {
    return (await this.#box.locator('.quick-input-title', { hasText: exactly(title) }).count()) > 0;
  }

  /** True while validation, or the prompt of an input box, says something with that text. */
  async says(text: string): Promise<boolean> {
    return (await this.#box.locator('.quick-input-message', { hasText: text }).count()) > 0;
  }

  async title(): Promise<string> {
    return shown(await this.#box.locator('.quick-input-title').textContent());
  }

  async placeholder(): Promise<string> {
    return (await this.#input.getAttribute('placeholder')) ?? '';
  }

  async value(): Promise<string> {
    return this.#input.inputValue();
  }

  /** Waits until validation, or the prompt of an input box, says something with that text. */
  async message(contains: string): Promise<string> {
    const message = this.#box.locator('.quick-input-message', { hasText: contains });
    return shown(await message.textContent());
  }

  async #keeps(value: string): Promise<boolean> {
    if ((await this.#input.inputValue(there)) !== value) return false;
    await wait(300);
    return (await this.#input.inputValue(there)) === value;
  }

  /** Waits until a box that holds that is closed, or another one in its place: what is looked at next is not this one. */
  async #isLeft(value: string): Promise<void> {
    const isLeft = async () => (await this.#box.count()) === 0 || (await this.#input.inputValue(there)) !== value;
    await eventually(async () => (await isLeft()) || undefined, `the end of the box with "${value}"`, 15_000);
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
  return {
    label: label ?? '',
    description: description ?? '',
    aria: (await row.getAttribute('aria-label', there)) ?? '',
  };
}
