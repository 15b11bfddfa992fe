import type { GuestPath, RelPath } from '../paths.ts';
import type { Sandbox } from '../sandbox.ts';
import type { BlobStore, LocalFolder } from '../storage.ts';
import { copiesOf } from './copies.ts';
import { readAhead } from './readAhead.ts';
import { tarOf, type TarEntry } from './tarStream.ts';
import type { HeldBack, Node, Tree } from './types.ts';
import type { Uploaded } from './upload.ts';

const filesAhead = 16;
/** Larger files stream. */
const smallBytes = 1024 * 1024;

export interface RefillContext {
  readonly sandbox: Sandbox;
  /** The workspace folder inside. */
  readonly root: GuestPath;
  readonly blobs: BlobStore;
  readonly signal: AbortSignal;
  /** Dependency folders that were there as private copies: they come from this machine again. */
  readonly dependencies: readonly RelPath[];
  /** Where those are; without it they stay out. */
  readonly folder: LocalFolder | undefined;
  readonly onProgress?: (files: number) => void;
}

/**
 * Fills an empty sandbox with what an earlier one held, byte for byte from the store. Nothing of it is scanned again: it
 * was agreed to, or made inside. Rejects with `storage-failed` or `not-found` where the store lost any of it.
 */
export async function refill(tree: Tree, context: RefillContext): Promise<Uploaded> {
  const { sandbox, root, signal } = context;
  const leftOut: HeldBack[] = [];
  const outcome = await sandbox.upload(tarOf(entries(tree, context, leftOut)), [], { root, mode: 'replace', signal });
  return { outcome, sent: tree, leftOut, tags: new Map(), bytes: bytesOf(tree) };
}

/** Bytes of all files. */
export function bytesOf(tree: Tree): number {
  let bytes = 0;
  for (const node of tree.values()) if (node.t === 'file') bytes += node.size;
  return bytes;
}

async function* entries(tree: Tree, context: RefillContext, leftOut: HeldBack[]): AsyncGenerator<TarEntry> {
  const { blobs, dependencies, folder, signal } = context;
  let files = 0;
  for await (const entry of readAhead(tree, filesAhead, ([path, node]) => entryOf(path, node, blobs))) {
    signal.throwIfAborted();
    yield entry;
    files += 1;
    context.onProgress?.(files);
  }
  for (const path of folder === undefined ? [] : dependencies) {
    for await (const copied of copiesOf(path, folder as LocalFolder, signal)) {
      if (copied.kind === 'sent') yield copied.entry;
      else leftOut.push(copied.left);
    }
  }
}

async function entryOf(path: RelPath, node: Node, blobs: BlobStore): Promise<TarEntry> {
  if (node.t === 'dir') return { kind: 'dir', path };
  if (node.t === 'link') return { kind: 'link', path, target: node.target };
  const { blob, exec, size } = node;
  if (size > smallBytes) return { kind: 'stream', path, exec, size, bytes: blobs.stream(blob) };
  return { kind: 'file', path, exec, bytes: await blobs.get(blob) };
}
