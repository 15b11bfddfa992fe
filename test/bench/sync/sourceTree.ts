import { createHash } from 'node:crypto';
import { globSync } from 'node:fs';
import { cp, lstat, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { relPath } from '../../../src/core/paths.ts';
import { dependencyNames } from '../../../src/core/sync/dependencyNames.ts';
import { secretContent, secretName } from '../../../src/core/sync/secrets.ts';
import { repository } from '../../support/commands/places.mjs';

export interface TreeSize {
  readonly files: number;
  readonly bytes: number;
}

const sources = 'node_modules/**/*.{js,cjs,mjs,ts,cts,mts,tsx,json,md,css,html,txt,yml,sh,py,h,c,cc}';
const largest = 100_000;

/**
 * Copies so many real source files of so many bytes in all, to the size of one file, from the packages that this
 * project uses: always the same ones for the same packages, and none that would be held back.
 */
export async function sourceTree(folder: string, { files, bytes }: TreeSize): Promise<void> {
  const mean = bytes / files;
  const paths = inFixedDisorder(globSync(sources, { cwd: repository }));
  const smaller = candidates(paths, (size) => size <= mean);
  const larger = candidates(paths, (size) => size > mean && size <= largest);
  let total = 0;
  for (let picked = 0; picked < files; picked += 1) {
    const next = await (total <= picked * mean ? larger : smaller).next();
    if (next.done === true) throw new Error(`There are only ${picked} source files of ${files} to be had.`);
    const { path, as, size } = next.value;
    await mkdir(dirname(join(folder, as)), { recursive: true });
    await cp(join(repository, path), join(folder, as));
    total += size;
  }
}

interface Candidate {
  readonly path: string;
  /** Its name in the copy. */
  readonly as: string;
  readonly size: number;
}

async function* candidates(
  paths: readonly string[],
  fits: (size: number) => boolean,
): AsyncGenerator<Candidate, undefined> {
  for (const path of paths) {
    const found = await lstat(join(repository, path));
    const as = nameFor(path);
    if (found.isFile() && fits(found.size) && (await isPlain(path, as))) yield { path, as, size: found.size };
  }
  return undefined;
}

function inFixedDisorder(paths: readonly string[]): readonly string[] {
  const key = (path: string) => createHash('sha256').update(path).digest('hex');
  return paths
    .map((path) => ({ path, key: key(path) }))
    .toSorted((one, other) => (one.key < other.key ? -1 : 1))
    .map(({ path }) => path);
}

/** A name in which no folder reads as one of installed packages. */
function nameFor(path: string): string {
  const known = new Set<string>(dependencyNames);
  return path
    .split('/')
    .map((part) => (known.has(part) ? 'packages' : part))
    .join('/');
}

async function isPlain(path: string, as: string): Promise<boolean> {
  const name = relPath(as);
  if (secretName(name) !== undefined) return false;
  return secretContent(name, await readFile(join(repository, path))) === undefined;
}
