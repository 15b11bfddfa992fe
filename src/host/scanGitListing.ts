import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Gathering } from './gathering.ts';
import { examine, parseName, shownName } from './entries.ts';
import type { GitListing } from './git.ts';
import { RealFolders } from './insideFolder.ts';
import { inParallel } from './pacer.ts';

const width = 16;

/** Looks at each file that git listed. Git's index may name what has changed its kind since, so nothing is believed. */
export async function scanGitListing(gathering: Gathering, listing: GitListing): Promise<void> {
  const { root, options } = gathering;
  const folders = new RealFolders(root);
  const untracked = new Set(listing.untracked);

  const look = async (name: string | Uint8Array) => {
    options.signal.throwIfAborted();
    const named = parseName(name);
    if ('held' in named) {
      gathering.hold(named.held);
      return;
    }
    const { path } = named;
    const dependency = untracked.has(name) ? await gathering.dependencyFolders.holding(path) : undefined;
    if (dependency !== undefined) {
      gathering.dependencies.add(dependency);
      return;
    }
    if (!(await folders.hold(path))) return;
    await gathering.airlockRules.loadAbove([path]);
    const ignored = gathering.airlockRules.ignoredBy(path, false);
    const entry = await examine(root, path, options.maxFileBytes, gathering.looks);
    if (entry === undefined || entry.kind === 'folder') return;
    if (ignored !== undefined) {
      const single = ignored === path && entry.kind === 'file' ? entry.file : undefined;
      const details = single === undefined ? {} : { size: single.size, exec: single.exec };
      gathering.hold({ path: ignored, rule: 'airlockignore', ...details });
    } else if (entry.kind === 'held') gathering.hold(entry.held);
    else gathering.take(entry.file);
  };

  await inParallel([...listing.tracked, ...listing.untracked], width, look);
  for (const name of listing.repositories) {
    const shown = shownName(name);
    gathering.hold({ path: shown.endsWith('/') ? shown : `${shown}/`, rule: 'git-folder' });
  }
  await inParallel(listing.ignored, width, (name) => holdIgnored(gathering, name));
  const own = await lstat(join(root, '.git')).catch(() => undefined);
  if (own !== undefined) gathering.hold({ path: own.isDirectory() ? '.git/' : '.git', rule: 'git-folder' });
}

/** A single ignored file may be sent after all when a person says so, hence its size. */
async function holdIgnored(gathering: Gathering, name: string | Uint8Array): Promise<void> {
  const named = parseName(name);
  const isFile = !('held' in named) && !shownName(name).endsWith('/');
  const entry = isFile
    ? await examine(gathering.root, named.path, Number.MAX_SAFE_INTEGER, gathering.looks)
    : undefined;
  if (entry?.kind !== 'file' || entry.file.link !== undefined) {
    await gathering.ignore(name);
    return;
  }
  const { path, size, exec } = entry.file;
  const dependency = await gathering.dependencyFolders.holding(path);
  if (dependency !== undefined) gathering.dependencies.add(dependency);
  else gathering.hold({ path, rule: 'ignored', size, exec });
}
