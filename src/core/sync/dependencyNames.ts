import { foldKey, type RelPath } from '../paths.ts';

/** Folders that hold installed packages whatever they hold: nobody keeps work of their own under such a name. */
export const dependencyNames = [
  'node_modules',
  'bower_components',
  'jspm_packages',
  '__pypackages__',
  'site-packages',
  '.tox',
  '.nox',
  '.eggs',
  '.pnpm-store',
] as const;

/** The file that makes a folder a virtual environment of Python (PEP 405). */
export const environmentMark = 'pyvenv.cfg';

const named: ReadonlySet<string> = new Set(dependencyNames);
const anyName = new RegExp(`(?:^|/)(?:${dependencyNames.map((name) => name.replace('.', '\\.')).join('|')})(?:/|$)`);

/** The outermost folder in `path` that is known by its name to hold packages, in any spelling; `path` itself counts. */
export function dependencyFolderOf(path: RelPath): RelPath | undefined {
  if (!anyName.test(foldKey(path))) return undefined;
  const parts = path.split('/');
  const end = parts.findIndex((part) => named.has(foldKey(part)));
  return end < 0 ? undefined : (parts.slice(0, end + 1).join('/') as RelPath);
}
