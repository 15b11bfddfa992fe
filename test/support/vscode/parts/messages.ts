import type { Locator, Page } from 'playwright-core';
import { actUntil, eventually, shown } from '../eventually.ts';

/** A notification as it is shown. */
export interface Notification {
  readonly severity: 'info' | 'warning' | 'error' | undefined;
  readonly message: string;
  readonly source: string;
  readonly buttons: readonly string[];
}

/** A modal dialog as it is shown. */
export interface Dialog {
  readonly message: string;
  readonly detail: string;
  readonly buttons: readonly string[];
}

/** A notification is shown for ten seconds and more; later it lies behind the bell. */
const soonMs = 5_000;

/** What is there takes no longer, however much the machine has to do. */
const there = { timeout: 15_000 };

const severities = ['info', 'warning', 'error'] as const;

/** Notifications and modal dialogs: what the editor says by itself. */
export class Messages {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** The notifications that are shown now. */
  async notifications(): Promise<Notification[]> {
    return Promise.all((await this.#page.locator('.notification-list-item:visible').all()).map(readNotification));
  }

  /** Waits for a notification with that text in its message, also for one that has hidden itself again. */
  async notification(text: string | RegExp): Promise<Notification> {
    return await this.#withNotification(text, readNotification);
  }

  /** Presses a button of the notification with that text. */
  async press(text: string | RegExp, button: string): Promise<void> {
    await this.#withNotification(text, async (item) => {
      await item.hover(there);
      await item.locator('.monaco-button').getByText(button, { exact: true }).click(there);
    });
  }

  /** Waits for a modal dialog. */
  async dialog(): Promise<Dialog> {
    const box = this.#dialog();
    await box.waitFor();
    return {
      message: shown(await box.locator('.dialog-message-text').textContent()),
      detail: shown((await box.locator('.dialog-message-detail').allTextContents()).join('\n')),
      buttons: (await box.locator('.dialog-buttons .monaco-button').allTextContents()).map(shown),
    };
  }

  /** Presses a button of the modal dialog and waits until it is closed. */
  async answer(button: string): Promise<void> {
    const pressed = this.#dialog().locator('.monaco-button').getByText(button, { exact: true });
    await this.#endQuestion(() => pressed.click(there));
  }

  /** Leaves the modal dialog without an answer, and waits until it is closed. */
  async dismiss(): Promise<void> {
    await this.#endQuestion(() => this.#page.keyboard.press('Escape'));
  }

  async isDialogOpen(): Promise<boolean> {
    return (await this.#page.locator('.monaco-dialog-box:visible').count()) > 0;
  }

  /** Does to the modal dialog what ends it, until it has ended. */
  async #endQuestion(act: () => Promise<void>): Promise<void> {
    const message = shown(await this.#dialog().locator('.dialog-message-text').textContent());
    // Another dialog may follow at once.
    const isOver = async () => {
      const open = await this.#page.locator('.monaco-dialog-box:visible .dialog-message-text').allTextContents();
      return open.map(shown).includes(message) ? undefined : true;
    };
    await actUntil(act, isOver, `the end of the dialog "${message}"`);
  }

  async #withNotification<T>(text: string | RegExp, act: (item: Locator) => Promise<T>): Promise<T> {
    const item = this.#page
      .locator('.notification-list-item:visible')
      .filter({ has: this.#message(text) })
      .first();
    const isShown = async (timeout: number) =>
      await item.waitFor({ timeout }).then(
        () => true,
        () => false,
      );
    // It may hide itself between the look and the act: then the list behind the bell still has it.
    const { done } = await eventually(
      async () => {
        if (!(await isShown(soonMs))) await this.#showAll(true);
        return { done: await act(item) };
      },
      `the notification ${String(text)}`,
      120_000,
    );
    await this.#showAll(false);
    return done;
  }

  /** Opens or closes the list of all notifications. */
  async #showAll(wanted: boolean): Promise<void> {
    const list = this.#page.locator('.notifications-center');
    await actUntil(
      () => this.#page.locator('[id="status.notifications"]').click(there),
      async () => (await list.isVisible()) === wanted || undefined,
      'the list of notifications',
    );
  }

  #dialog(): Locator {
    return this.#page.locator('.monaco-dialog-box:visible').last();
  }

  #message(text: string | RegExp): Locator {
    return this.#page.locator('.notification-list-item-message', { hasText: text });
  }
}

async function readNotification(item: Locator): Promise<Notification> {
  const icon = (await item.locator('.notification-list-item-icon').getAttribute('class', there)) ?? '';
  const source = (await item.locator('.notification-list-item-source').allTextContents())[0] ?? '';
  return {
    severity: severities.find((one) => icon.includes(`codicon-${one}`)),
    message: shown(await item.locator('.notification-list-item-message').textContent(there)),
    source: shown(source).replace(/^Source: /, ''),
    buttons: (await item.locator('.notification-list-item-buttons-container .monaco-button').allTextContents()).map(
      shown,
    ),
  };
}
