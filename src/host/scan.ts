import type { RelPath } from '../core/paths.ts';
import type { Machine } from '../core/machine.ts';
import { heldFromCopy } from '../core/sync/copies.ts';
import type { FolderScan, ScanOptions } from '../core/storage.ts';
import { parseName } from './entries.ts';
import { Gathering } from './gathering.ts';
import { listWithGit } from './git.ts';
import { scanByRules } from './scanByRules.ts';
import { scanGitListing } from './scanGitListing.ts';
import { walkFolder } from './walkFolder.ts';

/**
 * Lists what could go into a sandbox and what stays here. `root` is the folder's real path; git is asked only where it is
 * trusted. Rejects with `aborted` when the signal does.
 */
export async function scanFolder(
  root: string,
  machine: Machine,
  trusted: boolean,
  options: ScanOptions,
): Promise<FolderScan> {
  const gathering = new Gathering(root, options);
  const listing = trusted ? await listWithGit(machine, root, options.signal) : undefined;
  options.signal.throwIfAborted();
  if (listing === undefined) await scanByRules(gathering);
  else await scanGitListing(gathering, listing);
  const dependencies = [];
  for (const path of gathering.dependencies) {
    const named = parseName(path);
    if ('held' in named) gathering.hold(named.held);
    else if (!options.withDependencies) gathering.hold({ path: `${path}/`, rule: 'dependency' });
    else dependencies.push(await measure(gathering, named.path));
  }
  const inDependency = options.withDependencies ? dependencies.map(({ path }) => `${path}/`) : [];
  const isCopied = (path: string) => inDependency.some((folder) => path.startsWith(folder));
  options.onProgress?.(gathering.files.length);
  return {
    files: gathering.files.filter(({ path }) => !isCopied(path)),
    held: [...gathering.held.values()],
    dependencies,
    source: listing === undefined ? 'rules' : 'git',
  };
}

/** Counts what would be copied of a dependency folder, and names what of it would not. */
async function measure(gathering: Gathering, path: RelPath) {
  const { root, options } = gathering;
  let size = 0;
  let files = 0;
  for await (const file of walkFolder(root, path, options.signal)) {
    const held = heldFromCopy(file);
    if (held !== undefined) gathering.hold(held);
    if (held !== undefined || file.dir === true) continue;
    size += file.size;
    files += 1;
  }
  return { path, size, files };
}
