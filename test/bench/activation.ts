import { execFileSync } from 'node:child_process';
import { repository } from '../support/commands/places.mjs';
import { eventually } from '../support/vscode/eventually.ts';
import { Walk } from '../support/vscode/walk.ts';
import type { Workbench } from '../support/vscode/workbench.ts';

const displayName = 'Airlock: Sandboxed Agents';

/** Milliseconds that the packaged extension takes to activate in each of `windows` windows, as the editor itself tells. */
export async function activations(windows: number): Promise<readonly number[]> {
  for (const script of ['esbuild.config.js', 'test/support/commands/package.ts']) {
    execFileSync(process.execPath, [script], { cwd: repository });
  }
  const walk = await Walk.start({ name: 'bench', fixture: 'hello-project' });
  try {
    const times: number[] = [];
    for (let opened = 0; opened < windows; opened += 1) {
      if (opened > 0) await walk.workbench.reload();
      times.push(await activationIn(walk.workbench));
    }
    return times;
  } finally {
    await walk.end();
  }
}

/** Reads the editor's own list, which is sorted by time and draws only the rows that are in view. */
async function activationIn(workbench: Workbench): Promise<number> {
  await workbench.command('Developer: Show Running Extensions');
  const list = workbench.page.locator('.runtime-extensions-editor .monaco-list');
  const row = list.locator('.monaco-list-row', { hasText: displayName }).first();
  await list.locator('.monaco-list-row').first().click();
  const text = await eventually(async () => {
    if ((await row.count()) > 0) return (await row.locator('.activation-time').textContent()) ?? undefined;
    await workbench.page.keyboard.press('PageDown');
    return undefined;
  }, 'the activation time');
  const milliseconds = /(\d+)\s*ms/.exec(text)?.[1];
  if (milliseconds === undefined) throw new Error(`No activation time in “${text}”.`);
  return Number(milliseconds);
}
