import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { desktopEditor, isDesktopEditorHere } from '../commands/fetched.mjs';
import { withLock } from '../commands/lock.mjs';
import { installApart } from '../commands/npm.mjs';
import { hasDisplay } from '../commands/system.mjs';
import { withoutEditor } from './environment.ts';
import { ProcessGroup } from './process-group.ts';

/** Names the executable of a desktop VS Code to use; not its `code` command, which only starts that. */
export const desktopVariable = 'AIRLOCK_VSCODE';

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
  if (!hasDisplay()) return undefined;
  const { version, folder: cachePath, megabytes } = desktopEditor;
  if (!isDesktopEditorHere()) console.log(`Fetching VS Code itself (${version}, about ${megabytes} MB on disk) ...`);
  try {
    const download = await loadDownload();
    return await download({ version, cachePath, timeout: 15_000 });
  } catch (error) {
    console.log(`VS Code itself cannot be downloaded (${String(error)}): using the one from npm.`);
    return undefined;
  }
}

async function loadDownload(): Promise<Download> {
  const { downloader, downloaderFolder: folder } = desktopEditor;
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
  return new Promise((done, reject) => {
    const log: string[] = [];
    const child = spawn(executable, args, { env: { ...process.env, ...run.env }, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => log.push(bytes.toString()));
    child.once('error', reject);
    child.once('close', (code) => done({ code: code ?? 1, log: log.join('') }));
  });
}

/** How a person's desktop window is opened; everything it writes lies below `data`. */
export interface DesktopWindow {
  readonly data: string;
  readonly folder: string;
  readonly vsix: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * Opens a folder in a desktop VS Code with only the given extension. Returns when VS Code has ended, of which then
 * nothing runs any more.
 *
 * @throws Error with what VS Code said, where it ended badly; no window opens without the extension
 */
export async function openDesktop(executable: string, window: DesktopWindow): Promise<void> {
  const { data, folder, vsix, settings } = window;
  await mkdir(`${data}/user/User`, { recursive: true });
  await writeFile(`${data}/user/User/settings.json`, JSON.stringify(settings, null, 2));
  // The superuser is refused without both; a downloaded VS Code has no helper for Chromium's own sandbox in any case.
  const places = ['--no-sandbox', `--user-data-dir=${data}/user`, `--extensions-dir=${data}/extensions`];
  await ran(commandOf(executable), [...places, '--install-extension', vsix, '--force']);
  const quiet = ['--disable-workspace-trust', '--skip-welcome', '--skip-release-notes', '--disable-updates'];
  // The window's own process, not the command with --wait: ending that one would leave the window open.
  await ran(executable, [...places, ...quiet, '--disable-telemetry', '--new-window', folder]);
}

/**
 * The `code` command beside an executable, which alone knows how to install an extension; where it lies is what
 * `resolveCliPathFromVSCodeExecutablePath` of @vscode/test-electron 3.1.0 says.
 *
 * @throws Error where there is none: then the executable is no desktop VS Code
 */
export function commandOf(executable: string, platform: NodeJS.Platform = process.platform): string {
  const name = executable.endsWith('code-insiders') ? 'code-insiders' : 'code';
  const command =
    platform === 'darwin'
      ? resolve(executable, '../../../Contents/Resources/app/bin/code')
      : resolve(executable, '../bin', name);
  if (!existsSync(command)) {
    throw new Error(`${executable} is not the executable of a desktop VS Code: there is no ${command}.`);
  }
  return command;
}

async function ran(program: string, args: readonly string[]): Promise<void> {
  // Inside WSL the command would ask whether to go on, and wait for an answer.
  const env = { ...withoutEditor(), DONT_PROMPT_WSL_INSTALL: '1' };
  const group = new ProcessGroup(program, args, { env });
  const code = await group.ended;
  await group.end();
  if (code !== 0) throw new Error(`${program} failed (${code}):\n${group.output.slice(-2_000)}`);
}
