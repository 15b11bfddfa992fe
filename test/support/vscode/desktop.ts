import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { withLock } from '../commands/lock.mjs';
import { installApart } from '../commands/npm.mjs';
import { cache } from '../commands/places.mjs';

/** Names the executable of a desktop VS Code to use. */
export const desktopVariable = 'AIRLOCK_VSCODE';

const downloader = '@vscode/test-electron@3.1.0';
const version = '1.106.0';

type Download = (options: { version: string; cachePath: string; timeout: number }) => Promise<string>;

/**
 * A desktop VS Code: the one that the environment names; else, where there is a display to show it and the download
 * works, the oldest supported version.
 *
 * @returns its executable, or undefined where the editor from npm has to do
 */
export async function findDesktop(): Promise<string | undefined> {
  const named = process.env[desktopVariable];
  if (named !== undefined) {
    if (!existsSync(named)) throw new Error(`${desktopVariable} names ${named}, which is not there.`);
    return named;
  }
  const hasDisplay = process.platform === 'darwin' || Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
  if (!hasDisplay) return undefined;
  try {
    return await (
      await loadDownload()
    )({ version, cachePath: `${cache}/desktop`, timeout: 15_000 });
  } catch (error) {
    console.log(`VS Code itself cannot be downloaded (${String(error)}): using the one from npm.`);
    return undefined;
  }
}

async function loadDownload(): Promise<Download> {
  const folder = `${cache}/test-electron`;
  const module = `${folder}/node_modules/@vscode/test-electron/out/index.js`;
  await withLock('test-electron', async () => {
    if (!existsSync(module)) await installApart(folder, [downloader]);
  });
  const functions = z.object({ downloadAndUnzipVSCode: z.custom<Download>((it) => typeof it === 'function') });
  return functions.parse(await import(pathToFileURL(module).href)).downloadAndUnzipVSCode;
}

/** How a desktop window is opened; everything it writes lies below `data`. */
export interface DesktopRun {
  readonly data: string;
  readonly workspace?: string | undefined;
  readonly extension: string;
  readonly testsPath: string;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** Runs a test module in the extension host of a desktop VS Code. */
export function runInDesktop(executable: string, run: DesktopRun): Promise<{ code: number; log: string }> {
  const args = [
    ...(run.workspace === undefined ? [] : [run.workspace]),
    `--extensionDevelopmentPath=${run.extension}`,
    `--extensionTestsPath=${run.testsPath}`,
    `--user-data-dir=${run.data}/user`,
    `--extensions-dir=${run.data}/extensions`,
    ...['--no-sandbox', '--disable-gpu', '--disable-updates', '--disable-workspace-trust', '--skip-welcome'],
    ...['--skip-release-notes', '--disable-telemetry', '--disable-extensions'],
  ];
  return new Promise((resolve, reject) => {
    const log: string[] = [];
    const child = spawn(executable, args, { env: { ...process.env, ...run.env }, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => log.push(bytes.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, log: log.join('') }));
  });
}

/** How a person's desktop window is opened; everything it writes lies below `data`. */
export interface DesktopWindow {
  readonly data: string;
  readonly folder: string;
  readonly vsix: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Closes the window. */
  readonly signal: AbortSignal;
}

/** Opens a folder in a desktop VS Code with only the given extension. Returns when the window is closed. */
export async function openDesktop(executable: string, window: DesktopWindow): Promise<void> {
  const { data, folder, vsix, settings, signal } = window;
  await mkdir(`${data}/user/User`, { recursive: true });
  await writeFile(`${data}/user/User/settings.json`, JSON.stringify(settings, null, 2));
  const places = [`--user-data-dir=${data}/user`, `--extensions-dir=${data}/extensions`];
  await ran(executable, [...places, '--install-extension', vsix], signal);
  const quiet = ['--disable-workspace-trust', '--skip-welcome', '--skip-release-notes', '--disable-updates'];
  await ran(executable, [...places, ...quiet, '--disable-telemetry', '--new-window', '--wait', folder], signal);
}

function ran(executable: string, args: readonly string[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(executable, [...args], { stdio: 'ignore', signal });
    child.once('error', (error) => (signal.aborted ? resolve() : reject(error)));
    child.once('close', () => resolve());
  });
}
