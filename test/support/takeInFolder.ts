import { basename, dirname } from 'node:path';
import { tarOf } from '../../src/agent/archive.ts';
import { takeIn } from '../../src/agent/workspace.ts';
import type { Sandbox } from '../../src/core/sandbox.ts';
import { readSource } from '../../src/host/manifestSources.ts';

/** Puts what lies in a folder of this machine into a sandbox's workspace. */
export async function takeInFolder(sandbox: Sandbox, folder: string): Promise<void> {
  const files = [];
  for await (const { path, kind, bytes } of readSource(dirname(folder), basename(folder), 'dir')) {
    files.push({ path, kind, mode: kind === 'dir' ? 0o755 : 0o644, bytes });
  }
  await takeIn(sandbox, sandbox.workspaceRoot, tarOf(files), 'merge');
}
