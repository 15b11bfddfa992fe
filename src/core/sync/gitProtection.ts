import { isUnderGit } from '../gitNames.ts';
import { foldKey, parentOf, type RelPath } from '../paths.ts';
import type { TreePatch } from './tree.ts';
import type { Tree } from './types.ts';

/**
 * Why a path may not come home at all, or undefined where it may. Nothing that is `.git` on any file system does: what
 * lies there decides which programs git starts.
 */
export function blockedWhy(path: string): string | undefined {
  return isUnderGit(path) ? 'It belongs to a .git folder, which decides what programs Git starts.' : undefined;
}

/** What git itself asks of a folder before it takes it for a repository: a head, and the two stores or a pointer to them. */
const marks = { head: 'head', objects: 'objects', refs: 'refs', pointer: 'commondir' } as const;
const isMark: ReadonlySet<string> = new Set(Object.values(marks));

/**
 * Folders that git would take for a repository without a `.git` in their name, once some of `patch` is applied: whoever
 * runs git below one runs what its `config` says. The root is the empty string. A repository may be completed piece by
 * piece, so all that either side holds counts.
 */
export function repositoryFolders(ancestor: Tree, patch: TreePatch): ReadonlySet<string> {
  const found = new Map<string, Set<string>>();
  for (const path of new Set([...ancestor.keys(), ...patch.keys()])) noteMarks(path, found);
  return new Set([...found].filter(([, has]) => isRepository(has)).map(([folder]) => folder));
}

function noteMarks(path: RelPath, found: Map<string, Set<string>>): void {
  for (let child: RelPath | undefined = path; child !== undefined; child = parentOf(child)) {
    const name = foldKey(child.slice(child.lastIndexOf('/') + 1)).replace(/[. ]+$/, '');
    if (!isMark.has(name)) continue;
    const folder = foldKey(parentOf(child) ?? '');
    found.set(folder, (found.get(folder) ?? new Set()).add(name));
  }
}

function isRepository(has: ReadonlySet<string>): boolean {
  return has.has(marks.head) && (has.has(marks.pointer) || (has.has(marks.objects) && has.has(marks.refs)));
}

/** True where a path lies in one of {@link repositoryFolders}. */
export function isInRepository(path: RelPath, folders: ReadonlySet<string>): boolean {
  if (folders.has('')) return true;
  for (let up = parentOf(path); up !== undefined; up = parentOf(up)) if (folders.has(foldKey(up))) return true;
  return false;
}
