import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { relPath } from '../core/paths.ts';
import { isGitName } from '../core/gitNames.ts';
import type { HoldRule, ManifestFile } from '../core/sync/types.ts';
import type { Gathering } from './gathering.ts';
import { examine, parseName } from './entries.ts';
import { cloneExcludes, IgnoreRules } from './ignoreRules.ts';
import { inParallel } from './pacer.ts';

const width = 16;

/** Walks the folder itself and goes by `.gitignore` files: for folders without git, and for those not trusted. */
export async function scanByRules(gathering: Gathering): Promise<void> {
  const gitRules = new IgnoreRules(gathering.root, '.gitignore');
  await gitRules.load('', await cloneExcludes(gathering.root));
  for (let level = ['']; level.length > 0;) {
    const next: string[] = [];
    await inParallel(level, width, async (folder) => void next.push(...(await scanOne(gathering, gitRules, folder))));
    level = next;
  }
}

/** Gathers the entries of one folder and answers with the folders in it that are to be looked into. */
async function scanOne(gathering: Gathering, gitRules: IgnoreRules, folder: string): Promise<readonly string[]> {
  gathering.options.signal.throwIfAborted();
  const names = await readdir(join(gathering.root, folder), { withFileTypes: true }).catch(() => undefined);
  if (names === undefined) {
    gathering.hold({ path: `${folder}/`, rule: 'unreadable' });
    return [];
  }
  if (names.length === 0 && folder !== '') gathering.take({ path: relPath(folder), size: 0, exec: false, dir: true });
  await gitRules.load(folder);
  await gathering.airlockRules.load(folder);
  const inside: string[] = [];
  await inParallel(names, 4, async (entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (await look(gathering, gitRules, path, entry.name, entry.isDirectory())) inside.push(path);
  });
  return inside;
}

/** True when the path is a folder to look into; everything else is gathered. */
async function look(
  gathering: Gathering,
  gitRules: IgnoreRules,
  path: string,
  name: string,
  isFolder: boolean,
): Promise<boolean> {
  const shown = isFolder ? `${path}/` : path;
  const hold = (rule: HoldRule, file?: ManifestFile) =>
    gathering.hold({ path: shown, rule, ...(file === undefined ? {} : { size: file.size, exec: file.exec }) });
  if (isGitName(name)) {
    hold('git-folder');
    return false;
  }
  const named = parseName(path);
  if ('held' in named) {
    hold(named.held.rule);
    return false;
  }
  const airlocked = gathering.airlockRules.ignoredBy(path, isFolder) !== undefined;
  if (isFolder && !airlocked && (await gathering.dependencyFolders.is(path))) {
    gathering.dependencies.add(path);
    return false;
  }
  const ignored = gitRules.ignoredBy(path, isFolder) !== undefined;
  const rule = airlocked ? 'airlockignore' : ignored ? 'ignored' : undefined;
  if (isFolder) {
    if (rule !== undefined) hold(rule);
    return rule === undefined;
  }
  const entry = await examine(gathering.root, named.path, gathering.options.maxFileBytes, gathering.looks);
  if (entry === undefined || entry.kind === 'folder') return false;
  if (rule !== undefined) hold(rule, entry.kind === 'file' && entry.file.link === undefined ? entry.file : undefined);
  else if (entry.kind === 'held') gathering.hold(entry.held);
  else gathering.take(entry.file);
  return false;
}
