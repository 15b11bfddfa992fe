import type { Frame } from 'playwright-core';
import { actUntil, eventually } from '../vscode/eventually.ts';
import type { Walk } from '../vscode/walk.ts';

const extension = 'airlock-dev.airlock';

/** Questions on the way that a person says yes to, by the button that does. */
const agreements = ['Upload and Start', 'Start Without Them', 'Use This Key', 'Send Changes'];

/** Title of the list of sandboxes. */
export const chooseSandbox = 'Choose Sandbox';

/** What a person does with Airlock, by what is on the screen. Every step ends when its effect can be seen. */
export class Story {
  readonly walk: Walk;
  /** A turn of a real model may take long. */
  readonly #turnTimeoutMs: number;
  /** The kind of sandbox that is chosen where there is a choice. */
  readonly #sandbox: string;

  constructor(walk: Walk, { turnTimeoutMs = 240_000, sandbox = 'Built-in' } = {}) {
    this.walk = walk;
    this.#turnTimeoutMs = turnTimeoutMs;
    this.#sandbox = sandbox;
  }

  /** The panel's document; a moved or reloaded panel is another one. */
  async panel(): Promise<Frame> {
    return await this.walk.workbench.webview(extension, '.prompt-box');
  }

  /** Asks for the agent and answers what follows; `onDialog` sees each question before it is answered. */
  async start(onDialog: (message: string) => Promise<void> = () => Promise.resolve()): Promise<void> {
    await this.walk.workbench.command('Airlock: Run Agent in Sandbox');
    await this.#agreeUntil(async () => await this.#isReady(), onDialog);
    await this.panel();
  }

  /** Types a prompt and sends it. */
  async prompt(text: string): Promise<void> {
    await this.#fill(text);
    // Before it is sent there may be a question, whether the environment's key may be used.
    await this.#agreeUntil(
      async () => {
        if ((await this.transcript()).includes(text)) return true;
        await this.#pressEnter(text);
        return false;
      },
      () => Promise.resolve(),
    );
  }

  /** Types a prompt and sends it; what is asked then is left to the caller. */
  async promptOnly(text: string): Promise<void> {
    await this.#fill(text);
    const box = (await this.panel()).locator('.prompt-box');
    await eventually(async () => {
      if ((await box.inputValue()) === '') return true;
      await this.#pressEnter(text);
      return undefined;
    }, `"${text}" to leave`);
  }

  /** Presses the last button of that name in the panel, whose document may be another one in the next moment. */
  async press(name: string): Promise<void> {
    await eventually(
      async () => {
        const button = (await this.panel()).getByRole('button', { name }).last();
        await button.click({ timeout: 15_000 });
        return true;
      },
      `the button “${name}” in the panel`,
      120_000,
    );
  }

  /** Waits until the agent has nothing more to do. */
  async turnEnd(): Promise<void> {
    await this.#agreeUntil(
      async () => (await this.#isReady()) && !(await this.#isWorking()),
      () => Promise.resolve(),
      this.#turnTimeoutMs,
    );
  }

  /** What of the transcript is drawn: only what is near the visible part is. */
  async transcript(): Promise<string> {
    return (await (await this.panel()).locator('[role=log]').first().innerText()).replaceAll('\u00a0', ' ');
  }

  /** The transcript from its beginning, as far as it is drawn there. */
  async beginning(): Promise<string> {
    const panel = await this.panel();
    await panel.locator('.prompt-box').blur();
    await actUntil(
      async () => {
        await panel.locator('[role=log]').first().hover();
        await this.walk.workbench.page.mouse.wheel(0, -100_000);
      },
      async () => (await panel.locator('.prompt-text').first().isVisible()) || undefined,
      'the first prompt',
    );
    return await this.transcript();
  }

  /** What the status bar says of the shown session, such as `Sandbox Built-in, Ready`. */
  async status(): Promise<string> {
    return (await this.#indicators())[0] ?? '';
  }

  /** Opens the review and waits until a diff of that file is drawn. */
  async review(path: string): Promise<void> {
    const name = path.split('/').at(-1) ?? path;
    const isDrawn = async () => {
      const entries = await this.walk.workbench.multiDiff(5_000);
      return entries.some((entry) => JSON.stringify(entry).includes(name)) || undefined;
    };
    await eventually(
      async () => {
        // A review is closed again where the changes move on while it opens.
        await this.walk.workbench.command('Airlock: Review Changes');
        return await eventually(isDrawn, 'its entry', 15_000);
      },
      `the diff of ${path}`,
      120_000,
    );
  }

  /** Applies what is checked; answers with the words of the dialog. */
  async apply(): Promise<string> {
    await this.walk.workbench.command('Airlock: Apply Checked Changes…');
    const { message } = await this.walk.workbench.messages.dialog();
    await this.walk.workbench.messages.answer('Apply');
    return message;
  }

  async undo(): Promise<void> {
    await this.walk.workbench.command('Airlock: Undo Last Apply…');
    await this.walk.workbench.messages.dialog();
    await this.walk.workbench.messages.answer('Undo Apply');
  }

  /** Deletes the shown session with its sandbox and waits until the tree is empty. */
  async delete(): Promise<void> {
    const { messages, quickInput } = this.walk.workbench;
    await quickInput.pick('Airlock: Delete Session…');
    await messages.dialog();
    await messages.answer('Delete Session');
    await this.walk.workbench.focusView('Airlock', 'Sessions');
    await this.walk.workbench.tree('Sessions').welcome().waitFor();
  }

  async #fill(text: string): Promise<void> {
    await (await this.panel()).locator('.prompt-box').fill(text);
  }

  /** What came before may still be on its way home, or begin once more between a look and the key. */
  async #pressEnter(text: string): Promise<void> {
    const panel = await this.panel();
    const box = panel.locator('.prompt-box');
    const canSend = await panel.locator('.composer .box button').isEnabled();
    if (canSend && (await box.inputValue()) === text) await box.press('Enter');
  }

  async #indicators(): Promise<string[]> {
    return (await this.walk.workbench.statusBar()).filter((item) => item.startsWith('Sandbox '));
  }

  async #isReady(): Promise<boolean> {
    return /Ready|Interrupted|[Ff]ailed|Stopped/.test(await this.status());
  }

  /** The panel says it together with the prompt; the status bar may be a moment behind. */
  async #isWorking(): Promise<boolean> {
    return await (await this.panel()).getByRole('button', { name: 'Stop', exact: true }).isVisible();
  }

  async #agreeUntil(
    isDone: () => Promise<boolean>,
    onDialog: (message: string) => Promise<void>,
    timeoutMs = 120_000,
  ): Promise<void> {
    const { messages, quickInput } = this.walk.workbench;
    await eventually(
      async () => {
        if (await quickInput.isOpen(chooseSandbox)) {
          await quickInput.choose(this.#sandbox);
          return undefined;
        }
        if (!(await messages.isDialogOpen())) return (await isDone()) || undefined;
        const { message, buttons } = await messages.dialog();
        await onDialog(message);
        const yes = agreements.find((button) => buttons.includes(button));
        if (yes === undefined) throw new Error(`An unexpected question: ${message} (${buttons.join(', ')})`);
        await messages.answer(yes);
        return undefined;
      },
      'the agent to be ready',
      timeoutMs,
    );
  }
}
