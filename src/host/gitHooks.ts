import { readdir, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Machine } from '../core/machine.ts';
import { isUnderGit } from '../core/gitNames.ts';
import { parseRelPath, type RelPath } from '../core/paths.ts';
import { hookFolders } from './git.ts';

/** More files than any folder of hooks holds. */
const mostHooks = 1000;

/**
 * Files and folders of a work tree that git runs hooks from: because `core.hooksPath` names them, or because the hooks of
 * the repository are links to them. `root` is the folder's real path.
 */
export async function hooksInside(machine: Machine, root: string): Promise<ReadonlySet<RelPath>> {
  const found = new Set<RelPath>();
  const note = async (path: string) => {
    const real = await realpath(path).catch(() => path);
    const parsed = real.startsWith(root + sep) ? parseRelPath(relative(root, real).split(sep).join('/')) : undefined;
    // What lies in `.git` never comes home anyway.
    if (parsed?.ok === true && !isUnderGit(parsed.path)) found.add(parsed.path);
  };
  for (const folder of await hookFolders(machine, root)) {
    await note(folder);
    const names = (await readdir(folder).catch(() => [])).slice(0, mostHooks);
    await Promise.all(names.map((name) => note(join(folder, name))));
  }
  return found;
}
