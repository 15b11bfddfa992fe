import { closeSync } from 'node:fs';
import { lstat, readdir, realpath } from 'node:fs/promises';
import { join, posix, relative, resolve, sep } from 'node:path';
import { fail } from '../core/problem.ts';
import { openInside, readWhole } from './insideFolder.ts';

/** One file or folder that a program brings into a sandbox by naming it in a manifest. */
export interface SourceItem {
  /** Relative to the source; empty for the source itself. */
  readonly path: string;
  readonly kind: 'file' | 'dir';
  readonly executable: boolean;
  readonly bytes: Uint8Array;
}

const ownerMayRun = 0o100;

/**
 * Reads a file, or a folder with all that is in it, below `base`. Rejects with `bad-input` for a source outside of
 * `base` and for links, which are never followed.
 */
export async function* readSource(base: string, source: string, kind: 'file' | 'dir'): AsyncGenerator<SourceItem> {
  const root = await realpath(base);
  const path = relative(root, resolve(root, source));
  if (path === '..' || path.startsWith(`..${sep}`)) fail('bad-input', `${source} lies outside of ${base}.`);
  yield* walk(root, path, '', kind);
}

async function* walk(root: string, path: string, name: string, kind?: 'file' | 'dir'): AsyncGenerator<SourceItem> {
  const full = join(root, path);
  if ((await realpath(full)) !== full) fail('bad-input', `${path} is or lies below a link.`);
  const stat = await lstat(full);
  const found = stat.isDirectory() ? 'dir' : 'file';
  if (kind !== undefined && kind !== found) fail('bad-input', `${path} is no ${kind === 'dir' ? 'folder' : 'file'}.`);
  if (found === 'file') {
    const { fd } = await openInside(root, path);
    try {
      const executable = (stat.mode & ownerMayRun) !== 0;
      yield { path: name, kind: 'file', executable, bytes: await readWhole(fd) };
    } finally {
      closeSync(fd);
    }
    return;
  }
  if (name !== '') yield { path: name, kind: 'dir', executable: true, bytes: new Uint8Array(0) };
  for (const entry of (await readdir(full)).sort()) yield* walk(root, join(path, entry), posix.join(name, entry));
}
