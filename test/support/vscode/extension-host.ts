import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { format } from 'node:util';
import type { Page } from 'playwright-core';
import { openBrowser } from './browser.ts';
import { findDesktop, runInDesktop } from './desktop.ts';
import { startTestServer, type ServerOptions } from './server.ts';

/** What runs in an extension host, and in which window. */
export interface HostRun extends Pick<ServerOptions, 'env' | 'settings'> {
  /** The folder, or the .code-workspace file, to open; none opens an empty window. */
  readonly workspace?: string;
  /** CommonJS module that exports `run(): Promise<void>`. */
  readonly testsPath: string;
  /** The extension: a folder with its manifest, or a packaged one. */
  readonly extension: { readonly folder: string } | { readonly vsix: string };
  /** Longest time for all of it. */
  readonly timeoutMs?: number;
}

/**
 * Runs a module in a real extension host, with a real window around it, and ends everything afterwards.
 *
 * @returns `code` is 0 when `run` resolved; `log` is what the window and its extension host wrote to their console
 */
export async function runInExtensionHost(run: HostRun): Promise<{ code: number; log: string }> {
  const data = await mkdtemp(`${tmpdir()}/airlock-host-`);
  try {
    const desktop = 'folder' in run.extension ? await findDesktop() : undefined;
    if (desktop === undefined || !('folder' in run.extension)) return await runBelow(data, run);
    return await runInDesktop(desktop, { ...run, data, extension: run.extension.folder });
  } finally {
    // The last of what ran may still write there.
    await rm(data, { recursive: true, force: true, maxRetries: 10 });
  }
}

async function runBelow(data: string, run: HostRun): Promise<{ code: number; log: string }> {
  const folder = 'folder' in run.extension ? run.extension.folder : await emptyExtension(data);
  const vsix = 'vsix' in run.extension ? [run.extension.vsix] : [];
  const server = await startTestServer({ ...run, data: `${data}/server`, vsix });
  try {
    const browser = await openBrowser(`${data}/browser`);
    try {
      const log: string[] = [];
      const page = await browser.newPage();
      await page.exposeFunction('codeAutomationLog', (_type: string, args: unknown[]) => log.push(format(...args)));
      const { code } = await onExit(page, run.timeoutMs ?? 600_000);
      await page.goto(addressOf(`127.0.0.1:${server.port}`, folder, run));
      return { code: await code, log: log.join('\n') };
    } finally {
      await browser.close();
    }
  } finally {
    await server.group.end();
  }
}

/** The window calls a function of its page when the tests have ended. */
async function onExit(page: Page, timeoutMs: number): Promise<{ code: Promise<number> }> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const timer = setTimeout(() => reject(new Error('The tests in the extension host did not end.')), timeoutMs);
  await page.exposeFunction('codeAutomationExit', resolve);
  return { code: promise.finally(() => clearTimeout(timer)) };
}

function addressOf(authority: string, extension: string, { workspace, testsPath }: HostRun): string {
  const remote = (path: string) => `vscode-remote://${authority}${path}`;
  const url = new URL(`http://${authority}/`);
  if (workspace !== undefined) {
    url.searchParams.set(workspace.endsWith('.code-workspace') ? 'workspace' : 'folder', workspace);
  } else {
    url.searchParams.set('ew', 'true');
  }
  const payload = [
    ['extensionDevelopmentPath', remote(extension)],
    ['extensionTestsPath', remote(testsPath)],
    ['skipWelcome', 'true'],
  ];
  url.searchParams.set('payload', JSON.stringify(payload));
  return url.href;
}

/** Tests come with an extension under development; beside an installed one that is an empty one. */
async function emptyExtension(data: string): Promise<string> {
  const folder = `${data}/empty-extension`;
  await mkdir(folder);
  const manifest = { name: 'empty', publisher: 'test', version: '0.0.1', engines: { vscode: '*' } };
  await writeFile(`${folder}/package.json`, JSON.stringify(manifest));
  return folder;
}
