import { randomBytes } from 'node:crypto';
import { cp, mkdir } from 'node:fs/promises';
import { repository, vsix } from '../places.mjs';
import type { OwnProcesses } from '../../story/ownProcesses.ts';
import { findDesktop, openDesktop } from '../../vscode/desktop.ts';
import { startTokenServer } from '../../vscode/server.ts';
import type { DemoModel } from './model.ts';

const whatToDo = 'press F1 and choose "Airlock: Run Agent in Sandbox"';

/** What a demo is played with. */
export interface Scene {
  readonly model: DemoModel;
  /** Everything lies below it. */
  readonly root: string;
  /** What was started, for whoever has to end it. */
  readonly own: OwnProcesses;
  /** A person has had enough: nothing more is started or said. */
  readonly asked: AbortSignal;
}

/** Opens the editor for a person, and comes back when that editor has ended. What it leaves is the caller's to end. */
export async function serve(scene: Scene): Promise<void> {
  await cp(`${repository}/test/fixtures/demo-project`, projectOf(scene), { recursive: true });
  await mkdir(`${scene.root}/editor`);
  const desktop = await findDesktop();
  scene.asked.throwIfAborted();
  console.log('Opening the editor ...');
  await (desktop === undefined ? inBrowser(scene) : onDesktop(desktop, scene));
}

function projectOf({ root }: Scene): string {
  return `${root}/demo-project`;
}

async function inBrowser(scene: Scene): Promise<void> {
  const { root, model, own } = scene;
  const token = randomBytes(16).toString('hex');
  const data = `${root}/editor`;
  own.watch(`${data}/data/User/globalStorage/airlock-dev.airlock`);
  const { port, group } = await startTokenServer({ data, vsix: [vsix], settings: model.settings }, token);
  scene.asked.throwIfAborted();
  const address = `http://127.0.0.1:${port}/?tkn=${token}&folder=${encodeURIComponent(projectOf(scene))}`;
  console.log(`\nOpen this address in your browser:\n\n  ${address}\n`);
  console.log(`Then ${whatToDo}. Ctrl-C ends everything.`);
  const code = await group.ended;
  throw new Error(`The editor has ended by itself (${code}).`);
}

async function onDesktop(executable: string, scene: Scene): Promise<void> {
  const { root, model, own } = scene;
  const data = `${root}/editor`;
  own.watch(`${data}/user/User/globalStorage/airlock-dev.airlock`);
  console.log(`VS Code opens. There ${whatToDo}. Ctrl-C, or quitting VS Code, ends everything.`);
  await openDesktop(executable, { data, folder: projectOf(scene), vsix, settings: model.settings });
}
