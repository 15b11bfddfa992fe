import { randomBytes } from 'node:crypto';
import { chmod, cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { repository, vsix } from '../places.mjs';
import { running, sandboxProcesses } from '../../story/leftovers.ts';
import { findDesktop, openDesktop } from '../../vscode/desktop.ts';
import { eventually } from '../../vscode/eventually.ts';
import { startTokenServer } from '../../vscode/server.ts';
import type { DemoModel } from './model.ts';

/**
 * Opens the editor for a person and keeps it open until Ctrl-C, or until the desktop window is closed.
 *
 * @returns 0, or 1 where something is left running
 */
export async function serve(model: DemoModel): Promise<number> {
  const root = await mkdtemp(`${tmpdir()}/airlock-demo-`);
  const folder = `${root}/demo-project`;
  await cp(`${repository}/test/fixtures/demo-project`, folder, { recursive: true });
  // In a private folder the superuser's sandboxes would live elsewhere, and stay.
  await chmod(root, 0o755);
  await mkdir(`${root}/editor`);
  const asked = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => asked.abort());
  const desktop = await findDesktop();
  const storage =
    desktop === undefined
      ? await inBrowser(root, folder, model, asked.signal)
      : await onDesktop(desktop, root, folder, model, asked.signal);
  return await endSandboxes(storage, root);
}

/** @returns the extension's storage folder, once the person has had enough */
async function inBrowser(root: string, folder: string, model: DemoModel, asked: AbortSignal): Promise<string> {
  const token = randomBytes(16).toString('hex');
  const data = `${root}/editor`;
  const { port, group } = await startTokenServer({ data, vsix: [vsix], settings: model.settings }, token);
  console.log(
    `\nOpen this address in your browser:\n\n  http://127.0.0.1:${port}/?tkn=${token}&folder=${encodeURIComponent(folder)}\n`,
  );
  console.log(`Then press F1 and choose "Airlock: Run Agent in Sandbox". Ctrl-C ends everything.`);
  await ended(asked);
  await group.end();
  return `${data}/data/User/globalStorage/airlock-dev.airlock`;
}

async function onDesktop(
  executable: string,
  root: string,
  folder: string,
  model: DemoModel,
  asked: AbortSignal,
): Promise<string> {
  const data = `${root}/editor`;
  console.log(
    'VS Code opens. Press F1 and choose "Airlock: Run Agent in Sandbox". Ctrl-C or closing the window ends everything.',
  );
  await openDesktop(executable, { data, folder, vsix, settings: model.settings, signal: asked });
  return `${data}/user/User/globalStorage/airlock-dev.airlock`;
}

function ended(asked: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    // An open timer keeps this process: a person may look at the editor for hours.
    const open = setInterval(() => undefined, 60_000);
    asked.addEventListener('abort', () => {
      clearInterval(open);
      resolve();
    });
  });
}

/** A closed window only lets go of its sandboxes: the demo ends them, each by its process id, and says so. */
async function endSandboxes(storage: string, root: string): Promise<number> {
  const pids = process.platform === 'linux' ? sandboxProcesses(storage) : [];
  for (const pid of pids.toReversed()) endOne(pid);
  await eventually(() => Promise.resolve(running(pids).length === 0 || undefined), 'the end of the sandboxes');
  await rm(root, { recursive: true, force: true });
  console.log('\nNothing is left running.');
  return 0;
}

function endOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended with its parent.
  }
}
