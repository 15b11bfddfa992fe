import type { Frame, Locator, Page } from 'playwright-core';
import { eventually, shown } from '../eventually.ts';

/** One file of a multi-diff editor: the lines that are drawn now. */
export interface DiffEntry {
  readonly file: string;
  readonly original: readonly string[];
  readonly modified: readonly string[];
}

/** The labels of the open tabs, in their order. */
export async function tabs(page: Page): Promise<string[]> {
  return (await page.locator('.tabs-container .tab .label-name').allTextContents()).map(shown);
}

/** Waits for the document of a webview. A moved, hidden or reloaded one gets a new frame: ask again after that. */
export async function findWebview(page: Page, extensionId: string, contains = 'body'): Promise<Frame> {
  return eventually(async () => {
    for (const frame of page.frames()) {
      if (frame.parentFrame()?.url().includes(`extensionId=${extensionId}`) !== true) continue;
      const isShown = (await (await frame.frameElement()).getAttribute('id')) === 'active-frame';
      if (isShown && (await frame.locator(contains).count()) > 0) return frame;
    }
    return undefined;
  }, `a webview of ${extensionId} with ${contains}`);
}

/** The entries of the multi-diff editor that are drawn now (its list is virtual), once there are any. */
export async function multiDiff(page: Page, timeout = 60_000): Promise<DiffEntry[]> {
  const entries = page.locator('.multiDiffEntry:visible');
  await entries.first().waitFor({ timeout });
  return Promise.all((await entries.all()).map(readEntry));
}

async function readEntry(entry: Locator): Promise<DiffEntry> {
  return {
    file: shown((await entry.locator('.file-path .label-name').allTextContents())[0] ?? ''),
    original: (await entry.locator('.editor.original .view-line').allTextContents()).map(shown),
    modified: (await entry.locator('.editor.modified .view-line').allTextContents()).map(shown),
  };
}

/** What the active terminal shows, line by line. */
export async function terminalText(page: Page): Promise<string> {
  const lines = await page.locator('.terminal-wrapper.active .xterm-rows > div').allTextContents();
  return lines.map((line) => line.replaceAll('\u00a0', ' ').trimEnd()).join('\n');
}

/** Types into the active terminal. */
export async function typeInTerminal(page: Page, text: string): Promise<void> {
  await page.locator('.terminal-wrapper.active .xterm-helper-textarea').first().focus();
  await page.keyboard.type(text);
}
