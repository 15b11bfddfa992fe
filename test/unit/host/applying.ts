import assert from 'node:assert/strict';
import { lstat, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { mintId } from '../../../src/shared/ids.ts';
import { relPath } from '../../../src/core/paths.ts';
import type { Applier, BlobStore } from '../../../src/core/storage.ts';
import type { ApplyPlan, Node, Side } from '../../../src/core/sync/types.ts';
import type { ActPoint } from '../../../src/host/actContext.ts';
import { fileApplier } from '../../../src/host/applier.ts';
import { openBlobStore } from '../../../src/host/blobs/blobStore.ts';
import { localFolder } from '../../../src/host/folder.ts';
import { thisMachine } from '../../../src/host/spawn.ts';
import { inScratch } from './scratch.ts';
import { fill } from './workspace.ts';

/** What a person sees in a folder: contents, links and modes, by path. */
export async function snapshot(root: string): Promise<Record<string, string>> {
  const seen: Record<string, string> = {};
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const full = join(entry.parentPath, entry.name);
    const mode = ((await lstat(full)).mode & 0o777).toString(8);
    const content = entry.isDirectory()
      ? 'folder'
      : entry.isSymbolicLink()
        ? `-> ${await readlink(full)}`
        : `${mode} ${await readFile(full, 'latin1')}`;
    seen[relative(root, full)] = content;
  }
  return seen;
}

/** A project, its store and an applier on it. */
export interface Bench {
  readonly scratch: string;
  readonly root: string;
  readonly blobs: BlobStore;
  readonly applier: Applier;
  /** An applier as the next start of the program would make it. */
  again(onPoint?: (point: ActPoint) => void): Applier;
  side(path: string): Promise<Side>;
  file(content: string, exec?: boolean): Promise<Node>;
  /** A plan that writes these nodes over what stands there now. */
  plan(writes: Readonly<Record<string, Node | 'absent'>>): Promise<ApplyPlan>;
  apply(writes: Readonly<Record<string, Node | 'absent'>>): ReturnType<Applier['apply']>;
}

/** Runs a test on a project with the given files. */
export function onBench<T>(
  files: Readonly<Record<string, string | Buffer | null>>,
  act: (bench: Bench) => Promise<T>,
): Promise<T> {
  return inScratch(async (scratch) => {
    const root = join(scratch, 'project');
    await fill(scratch, { project: null });
    await fill(root, files);
    const blobs = await openBlobStore(join(scratch, 'packs'));
    const folder = localFolder({ uri: '', path: root, name: 'project' }, thisMachine(), () => true);
    const again = (onPoint: (point: ActPoint) => void = () => undefined) =>
      fileApplier({ journalFile: join(scratch, 'journal.jsonl'), folder, onPoint });
    const applier = again();
    const side = async (path: string) => (await folder.side(relPath(path))).side;
    const plan: Bench['plan'] = async (writes) => {
      const steps = [];
      for (const [path, write] of Object.entries(writes))
        steps.push({ path: relPath(path), expect: await side(path), write });
      return { set: mintId('change-set'), steps };
    };
    const bench: Bench = {
      scratch,
      root,
      blobs,
      applier,
      again,
      side,
      plan,
      file: async (content, exec = false) => {
        const bytes = Buffer.from(content);
        return { t: 'file', blob: await blobs.put(bytes), size: bytes.length, exec };
      },
      apply: async (writes) => await applier.apply(await plan(writes), blobs, new AbortController().signal),
    };
    try {
      return await act(bench);
    } finally {
      await blobs.close();
    }
  });
}

/** Writes one file of the project. */
export async function edit(bench: Bench, path: string, content: string): Promise<void> {
  await writeFile(join(bench.root, path), content);
}

/** The content of one file of the project. */
export async function contentOf(bench: Bench, path: string): Promise<string> {
  return await readFile(join(bench.root, path), 'utf8');
}

/** Fails where a scratch file of an act was left behind. */
export async function assertNoScratchFiles(bench: Bench): Promise<void> {
  const left = Object.keys(await snapshot(bench.root)).filter((path) => path.includes('.airlock-'));
  assert.deepEqual(left, []);
}
