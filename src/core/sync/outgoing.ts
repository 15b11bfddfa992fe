import type { RelPath } from '../paths.ts';
import { problemOf } from '../problem.ts';
import type { BlobStore, LocalFolder } from '../storage.ts';
import { scannedBytes, secretContent, secretName } from './secrets.ts';
import type { TarEntry } from './tarStream.ts';
import type { HeldBack, ManifestFile, Node } from './types.ts';

/** Files up to this size travel through memory; larger ones through the blob store. */
const smallBytes = 1024 * 1024;

export interface OutgoingContext {
  readonly folder: LocalFolder;
  readonly blobs: BlobStore;
  /** Held-back paths that the person chose: sent unscanned. */
  readonly included: ReadonlySet<RelPath>;
  readonly maxFileBytes: number;
}

/** One file on its way in, with what both sides will agree on once it has arrived; or why it stays. */
export type Outgoing =
  | { readonly kind: 'sent'; readonly entry: TarEntry; readonly node: Node; readonly size: number }
  | { readonly kind: 'left'; readonly left: HeldBack };

/**
 * Reads, scans and stores one file of a manifest. What is sent later are exactly the stored bytes: a file that grows or
 * shrinks meanwhile cannot break the archive, and the ancestor is what was sent.
 */
export async function prepare(file: ManifestFile, context: OutgoingContext): Promise<Outgoing> {
  const { path } = file;
  const unscanned = context.included.has(path);
  const byName = unscanned || file.dir === true ? undefined : secretName(path);
  if (byName !== undefined) return left(file, { rule: 'secret-name', secret: byName });
  if (file.dir === true) return { kind: 'sent', entry: { kind: 'dir', path }, node: { t: 'dir' }, size: 0 };
  if (file.link !== undefined) {
    const target = file.link;
    return { kind: 'sent', entry: { kind: 'link', path, target }, node: { t: 'link', target }, size: 0 };
  }
  try {
    return await prepareBytes(file, unscanned, context);
  } catch (error) {
    const { id } = problemOf(error, 'folder-unavailable');
    if (id === 'limit') return left(file, { rule: 'too-large' });
    if (id === 'storage-failed') throw error;
    return left(file, { rule: 'unreadable' });
  }
}

async function prepareBytes(file: ManifestFile, unscanned: boolean, context: OutgoingContext): Promise<Outgoing> {
  const { path, exec } = file;
  const source = context.folder.read(path)[Symbol.asyncIterator]();
  let isOpen = true;
  try {
    const head = await take(source, smallBytes);
    const secret = unscanned ? undefined : secretContent(path, head.bytes.subarray(0, scannedBytes));
    if (secret !== undefined) return left(file, { rule: 'secret-content', secret });
    if (head.ended) {
      isOpen = false;
      const blob = await context.blobs.put(head.bytes);
      const size = head.bytes.length;
      const entry = { kind: 'file', path, exec, bytes: head.bytes } as const;
      return { kind: 'sent', entry, node: { t: 'file', blob, size, exec }, size };
    }
    const { blob, size } = await context.blobs.putStream(joined(head.bytes, source), context.maxFileBytes);
    const entry = { kind: 'stream', path, exec, size, bytes: context.blobs.stream(blob) } as const;
    return { kind: 'sent', entry, node: { t: 'file', blob, size, exec }, size };
  } finally {
    if (isOpen) await source.return?.();
  }
}

/** Reads until more than `atLeast` bytes are there or the source ends. */
async function take(
  source: AsyncIterator<Uint8Array>,
  atLeast: number,
): Promise<{ bytes: Uint8Array; ended: boolean }> {
  const parts: Uint8Array[] = [];
  let length = 0;
  while (length <= atLeast) {
    const next = await source.next();
    if (next.done === true) return { bytes: Buffer.concat(parts), ended: true };
    parts.push(next.value);
    length += next.value.length;
  }
  return { bytes: Buffer.concat(parts), ended: false };
}

async function* joined(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

function left({ path, size }: ManifestFile, why: Pick<HeldBack, 'rule' | 'secret'>): Outgoing {
  return { kind: 'left', left: { path, size, ...why } };
}

/**
 * One file of a dependency folder: a private copy on this machine, outside ancestor and review, so it is neither stored
 * nor hashed. Cut or padded to the size that was listed, so that a change meanwhile cannot break the archive.
 */
export function dependencyEntry(file: ManifestFile, folder: LocalFolder): TarEntry {
  const { path, exec, size } = file;
  if (file.dir === true) return { kind: 'dir', path };
  if (file.link !== undefined) return { kind: 'link', path, target: file.link };
  return { kind: 'stream', path, exec, size, bytes: exactly(folder.read(path), size) };
}

async function* exactly(source: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let missing = size;
  for await (const piece of source) {
    if (missing === 0) break;
    const fitting = piece.subarray(0, missing);
    missing -= fitting.length;
    yield fitting;
  }
  while (missing > 0) {
    const padding = new Uint8Array(Math.min(missing, 64 * 1024));
    missing -= padding.length;
    yield padding;
  }
}
