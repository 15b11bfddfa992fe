import type { Dirent } from 'node:fs';
import { readdir, readlink, realpath } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { RelPath } from '../core/paths.ts';
import type { FolderLink } from '../core/sync/linkedNames.ts';
import { DependencyFolders } from './dependencyFolders.ts';
import { parseName } from './entries.ts';
import { inParallel } from './pacer.ts';

const width = 16;
/** Folders that are looked into, the outer ones first. */
const mostFolders = 20_000;

/**
 * Links of a folder that lead to places in it, sent or not: each as it is written, and where it truly leads where that is
 * elsewhere. `root` is the folder's real path. What package managers link lies apart, and no file comes home to it.
 */
export async function linksInside(root: string): Promise<readonly FolderLink[]> {
  const dependencies = new DependencyFolders(root);
  const found: FolderLink[] = [];
  let seen = 0;
  for (let level = ['']; level.length > 0 && seen < mostFolders;) {
    const next: string[] = [];
    await inParallel(level.slice(0, mostFolders - seen), width, async (folder) => {
      for (const { path, isLink } of await entriesOf(root, folder)) {
        if (isLink) found.push(...(await targetsOf(root, path)));
        else if (!(await dependencies.is(path))) next.push(path);
      }
    });
    seen += level.length;
    level = next;
  }
  return found;
}

/** Links and folders in one folder. */
async function entriesOf(root: string, folder: string): Promise<readonly { path: RelPath; isLink: boolean }[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch((): Dirent[] => []);
  return entries.flatMap((entry) => {
    const isLink = entry.isSymbolicLink();
    if (!isLink && !entry.isDirectory()) return [];
    const named = parseName(folder === '' ? entry.name : `${folder}/${entry.name}`);
    return 'held' in named ? [] : [{ path: named.path, isLink }];
  });
}

async function targetsOf(root: string, link: RelPath): Promise<readonly FolderLink[]> {
  const full = join(root, link);
  const written = await readlink(full).catch(() => undefined);
  if (written === undefined) return [];
  // A link may dangle until the sandbox makes what it leads to.
  const real = await realpath(full).catch(() => undefined);
  const targets = [resolve(dirname(full), written), ...(real === undefined ? [] : [real])];
  const inside = targets.flatMap((target) => placeIn(root, target) ?? []);
  return [...new Set(inside)].map((target) => ({ link, target }));
}

function placeIn(root: string, target: string): string | undefined {
  if (target !== root && !target.startsWith(root + sep)) return undefined;
  return relative(root, target).split(sep).join('/');
}
