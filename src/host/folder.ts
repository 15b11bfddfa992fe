import { closeSync, read, type Stats } from 'node:fs';
import { lstat, readlink, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Machine } from '../core/machine.ts';
import type { RelPath } from '../core/paths.ts';
import { AirlockError, fail } from '../core/problem.ts';
import type { LocalFolder } from '../core/storage.ts';
import { maxHeldBytes } from '../core/sync/sizes.ts';
import type { BlobId, Node } from '../core/sync/types.ts';
import { blobHasher, blobIdOfLarge } from './blobs/hash.ts';
import { isAbsent } from './diskErrors.ts';
import { linksInside } from './folderLinks.ts';
import { ignoredByGit } from './git.ts';
import { hooksInside } from './gitHooks.ts';
import { cloneExcludes, IgnoreRules } from './ignoreRules.ts';
import { folderOf, openInside, RealFolders } from './insideFolder.ts';
import { Looks, tagOf } from './looks.ts';
import { inParallel } from './pacer.ts';
import { scanFolder } from './scan.ts';
import { walkFolder } from './walkFolder.ts';

const readFrom = promisify(read);
const chunkBytes = 256 * 1024;
const rememberedMs = 200;

/** Where a workspace folder lies and what it is called. */
export interface FolderPlace {
  readonly uri: string;
  readonly path: string;
  readonly name: string;
}

/**
 * A workspace folder of this machine. Rejects with `folder-unavailable` when it is used and cannot be found. `trusted`
 * tells, each time that git could be asked, whether the person trusts the folder now.
 */
export function localFolder(place: FolderPlace, machine: Machine, trusted: () => boolean): LocalFolder {
  const root = remembered(() =>
    realpath(place.path).catch(() => fail('folder-unavailable', `The folder ${place.path} cannot be opened.`)),
  );
  return {
    ...place,
    scan: async (options) => await scanFolder(await root(), machine, trusted(), options),
    walk: async function* (folder, signal) {
      yield* walkFolder(await root(), folder, signal);
    },
    read: async function* (path, opened) {
      yield* readFileInside(await root(), path, opened);
    },
    side: async (path) => await sideOf(await root(), path),
    ignored: async (paths) => await ignoredPaths(await root(), machine, paths, trusted()),
    hooks: async () => (trusted() ? await hooksInside(machine, await root()) : new Set()),
    links: async () => await linksInside(await root()),
    tags: async (paths) => await tagsOf(await root(), paths),
  };
}

/** Asks again only after a moment: thousands of files are read one after another, and each is checked by itself. */
function remembered<T>(ask: () => Promise<T>): () => Promise<T> {
  let known: { readonly answer: Promise<T>; readonly until: number } | undefined;
  return () => {
    const now = performance.now();
    if (known === undefined || now > known.until) {
      const answer = ask();
      known = { answer, until: now + rememberedMs };
      answer.catch(() => (known = undefined));
    }
    return known.answer;
  };
}

async function* readFileInside(
  root: string,
  path: RelPath,
  opened?: (tag: string) => void,
): AsyncGenerator<Uint8Array> {
  const { fd, stat } = await openInside(root, path);
  opened?.(tagOf(stat));
  const size = Number(stat.size);
  const want = Math.max(1, Math.min(chunkBytes, size + 1));
  let at = 0;
  try {
    for (;;) {
      const { bytesRead, buffer } = await readFrom(fd, Buffer.allocUnsafe(want), 0, want, null);
      at += bytesRead;
      if (bytesRead > 0) yield buffer.subarray(0, bytesRead);
      // Less than was asked for, at or past its known end, is the end: one more read would only say so again.
      if (bytesRead === 0 || (bytesRead < want && at >= size)) return;
    }
  } finally {
    closeSync(fd);
  }
}

type Standing = Awaited<ReturnType<LocalFolder['side']>>;

/** Takes in the bytes of a file that is too large to be held in memory, and hashes them. */
export type TakeIn = (bytes: AsyncIterable<Uint8Array>) => Promise<{ blob: BlobId; size: number }>;

/** What stands at a path below a real root; a path that leads through a link is `unknown`. */
export async function sideOf(root: string, path: RelPath, takeLarge: TakeIn = hashOnly): Promise<Standing> {
  const full = join(root, path);
  try {
    if ((await realpath(dirname(full))) !== join(root, folderOf(path))) return { side: 'unknown' };
    const stat = await lstat(full);
    if (stat.isDirectory()) return { side: { t: 'dir' } };
    if (stat.isSymbolicLink()) return { side: { t: 'link', target: await readlink(full) } };
    if (!stat.isFile()) return { side: 'unknown' };
    return await fileSide(stat, () => readFileInside(root, path), takeLarge);
  } catch (error) {
    if (error instanceof AirlockError && error.problem.id !== 'not-found') throw error;
    return { side: isAbsent(error) ? 'absent' : 'unknown' };
  }
}

async function fileSide(stat: Stats, read: () => AsyncIterable<Uint8Array>, takeLarge: TakeIn) {
  const exec = (stat.mode & 0o100) !== 0;
  if (stat.size > maxHeldBytes) return { side: fileNode(await takeLarge(read()), exec) };
  const parts: Uint8Array[] = [];
  for await (const chunk of read()) parts.push(chunk);
  const bytes = Buffer.concat(parts);
  return { side: fileNode({ blob: await blobIdOfLarge(bytes), size: bytes.length }, exec), bytes };
}

function fileNode({ blob, size }: { blob: BlobId; size: number }, exec: boolean): Node {
  return { t: 'file', blob, size, exec };
}

async function hashOnly(bytes: AsyncIterable<Uint8Array>): Promise<{ blob: BlobId; size: number }> {
  const hasher = blobHasher();
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    hasher.update(chunk);
  }
  return { blob: hasher.id(), size };
}

async function tagsOf(root: string, paths: readonly RelPath[]): Promise<ReadonlyMap<RelPath, string>> {
  const folders = new RealFolders(root);
  const tags = new Map<RelPath, string>();
  const looks = new Looks();
  await inParallel(paths, 16, async (path) => {
    if (!(await folders.hold(path))) return;
    const stat = await looks.at(join(root, path)).catch(() => undefined);
    if (stat !== undefined) tags.set(path, tagOf(stat));
  });
  return tags;
}

async function ignoredPaths(
  root: string,
  machine: Machine,
  paths: readonly RelPath[],
  trusted: boolean,
): Promise<ReadonlySet<RelPath>> {
  const byGit = trusted ? await ignoredByGit(machine, root, paths) : undefined;
  const rules = [new IgnoreRules(root, '.airlockignore')];
  if (byGit === undefined) {
    const gitRules = new IgnoreRules(root, '.gitignore');
    await gitRules.load('', await cloneExcludes(root));
    rules.push(gitRules);
  }
  const ignored = new Set<RelPath>();
  for (const rule of rules) await rule.loadAbove(paths);
  await inParallel(paths, 1, (path) => {
    const out = byGit?.has(path) === true || rules.some((rule) => rule.ignoredBy(path, false) !== undefined);
    if (out) ignored.add(path);
    return Promise.resolve();
  });
  return ignored;
}
