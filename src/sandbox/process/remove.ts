import { lstat, rm } from 'node:fs/promises';
import type { Machine } from '../../core/machine.ts';
import type { Place } from './place.ts';
import { sessionFolder } from './record.ts';

const withinMs = 120_000;

/**
 * Removes a session's folder once nothing of its sandbox runs. What the sandbox owned is removed as the sandbox's own
 * user, so that no trick in there could reach further than the sandbox itself could; links are removed, never followed.
 * Rejects when something is left.
 */
export async function removeSession(machine: Machine, place: Place, path: string): Promise<void> {
  const { home, workspace } = sessionFolder(path);
  const run = async (program: string, args: readonly string[]) =>
    machine.run({ program, args, cwd: '/', timeoutMs: withinMs, cleanEnv: true, ...(place.drop ?? {}) });
  for (const owned of [workspace, home]) {
    if (!(await isFolder(owned))) continue;
    // Folders that their owner may not enter are opened first; `-R` without `-H` or `-L` never follows a link.
    const emptied = await run('/bin/rm', ['-rf', '--', owned]);
    if (emptied.code !== 0) {
      await run('/bin/chmod', ['-R', 'u+rwx', '--', owned]);
      await run('/bin/rm', ['-rf', '--', owned]);
    }
  }
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
}

async function isFolder(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined))?.isDirectory() === true;
}
