import type { RelPath } from '../paths.ts';
import { fail, problemOf } from '../problem.ts';
import type { BlobStore, LocalFolder } from '../storage.ts';
import { secretName, SecretScan } from './secrets.ts';
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
  | {
      readonly kind: 'sent';
      readonly entry: TarEntry;
      readonly node: Node;
      readonly size: number;
      /** The file's tag from before it was read; absent for what is no file. */
      readonly tag?: string;
    }
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
  const scan = unscanned ? undefined : new SecretScan(path);
  try {
    return await prepareBytes(file, scan, context);
  } catch (error) {
    if (scan?.found !== undefined) return left(file, { rule: 'secret-content', secret: scan.found });
    const { id } = problemOf(error, 'folder-unavailable');
    if (id === 'limit') return left(file, { rule: 'too-large' });
    if (id === 'storage-failed') throw error;
    return left(file, { rule: 'unreadable' });
  }
}

async function prepareBytes(
  file: ManifestFile,
  scan: SecretScan | undefined,
  context: OutgoingContext,
): Promise<Outgoing> {
  const { path, exec } = file;
  const tagged: { tag?: string } = {};
  const source = scanned(
    context.folder.read(path, (tag) => (tagged.tag = tag)),
    scan,
  );
  let isOpen = true;
  try {
    const head = await take(source, smallBytes);
    if (head.ended) {
      isOpen = false;
      const blob = await context.blobs.put(head.bytes);
      const size = head.bytes.length;
      const entry = { kind: 'file', path, exec, bytes: head.bytes } as const;
      return { kind: 'sent', entry, node: { t: 'file', blob, size, exec }, size, ...tagged };
    }
    const { blob, size } = await context.blobs.putStream(joined(head.bytes, source), context.maxFileBytes);
    const entry = { kind: 'stream', path, exec, size, bytes: context.blobs.stream(blob) } as const;
    return { kind: 'sent', entry, node: { t: 'file', blob, size, exec }, size, ...tagged };
  } finally {
    if (isOpen) await source.return(undefined);
  }
}

/** The same bytes, all of them looked through: what looks like a secret ends them with a failure. */
async function* scanned(source: AsyncIterable<Uint8Array>, scan: SecretScan | undefined): AsyncGenerator<Uint8Array> {
  for await (const piece of source) {
    if (scan?.take(piece) !== undefined) fail('bad-input', 'It holds what looks like a secret.');
    yield piece;
  }
  if (scan?.end() !== undefined) fail('bad-input', 'It holds what looks like a secret.');
}

/** Reads until more than `atLeast` bytes are there or the source ends. */
async function take(
  source: AsyncGenerator<Uint8Array>,
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

async function* joined(head: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

function left({ path, size, exec }: ManifestFile, why: Pick<HeldBack, 'rule' | 'secret'>): Outgoing {
  return { kind: 'left', left: { path, size, exec, ...why } };
}
