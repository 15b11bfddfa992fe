import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { RelPath } from '../core/paths.ts';
import type { ManifestFile } from '../core/sync/types.ts';
import { parseName } from './entries.ts';
import { RealFolders } from './insideFolder.ts';
import { pacer } from './pacer.ts';

/**
 * Files, links and empty folders below a dependency folder, links as they are written: a virtual environment points to
 * the system's own interpreter. What cannot be named or read, `.git` and special files are passed over.
 */
export async function* walkFolder(root: string, folder: RelPath, signal: AbortSignal): AsyncGenerator<ManifestFile> {
  if (!(await new RealFolders(root).hold(`${folder}/x`))) return;
  const breathe = pacer();
  const waiting = [folder];
  for (let current = waiting.pop(); current !== undefined; current = waiting.pop()) {
    signal.throwIfAborted();
    const names = await readdir(join(root, current), { withFileTypes: true }).catch(() => undefined);
    if (names?.length === 0) yield { path: current, size: 0, exec: false, dir: true };
    const files = [];
    for (const entry of names ?? []) {
      const named = parseName(`${current}/${entry.name}`);
      if ('held' in named) continue;
      if (entry.isDirectory()) waiting.push(named.path);
      else files.push(describe(root, named.path));
    }
    for (const file of await Promise.all(files)) {
      if (file !== undefined) yield file;
    }
    await breathe();
  }
}

async function describe(root: string, path: RelPath): Promise<ManifestFile | undefined> {
  try {
    const full = join(root, path);
    const stat = await lstat(full);
    if (stat.isSymbolicLink()) return { path, size: 0, exec: false, link: await readlink(full) };
    return stat.isFile() ? { path, size: stat.size, exec: (stat.mode & 0o100) !== 0 } : undefined;
  } catch {
    return undefined;
  }
}
