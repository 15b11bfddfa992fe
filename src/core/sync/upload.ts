import type { GuestPath, RelPath } from '../paths.ts';
import type { Expected, Sandbox, Upload } from '../sandbox.ts';
import type { BlobStore, LocalFolder } from '../storage.ts';
import { copiesOf } from './copies.ts';
import { prepare, type OutgoingContext } from './outgoing.ts';
import { readAhead } from './readAhead.ts';
import { maxUploadFileBytes } from './sizes.ts';
import { tarOf, type TarEntry } from './tarStream.ts';
import { patchTree, sameSide, at } from './tree.ts';
import type { HeldBack, ManifestFile, Node, Tree, UploadManifest } from './types.ts';

/** Files read at once: enough to hide a disk's latency, few enough to stay within some megabytes. */
const filesAhead = 16;

export interface UploadContext {
  readonly sandbox: Sandbox;
  /** The workspace folder inside. */
  readonly root: GuestPath;
  readonly folder: LocalFolder;
  readonly blobs: BlobStore;
  readonly signal: AbortSignal;
  /** What stands inside as far as is known: a merge is refused where it overwrites or removes anything else. */
  readonly theirs?: Tree;
  /** Bytes that were handed on so far, as the tar has them: a little more than the files have. */
  readonly onProgress?: (bytes: number) => void;
}

export interface Uploaded {
  /** Only after `committed` do `sent` and `tags` mean anything. */
  readonly outcome: Upload;
  /** What stands inside now, from the bytes that were sent: the ancestor of these paths. */
  readonly sent: Tree;
  /** Files of the manifest that stayed here after all: gone meanwhile, too large, or holding what looks like a secret. */
  readonly leftOut: readonly HeldBack[];
  /** Tags of the sent files from before they were read: what `planPush` compares with. */
  readonly tags: ReadonlyMap<RelPath, string>;
  readonly bytes: number;
}

/**
 * Fills an empty sandbox with exactly what the manifest names, in one stream. The provider unpacks it beside the root
 * and puts it in place when all has arrived. Rejects with `storage-failed` when the blob store does.
 */
export async function hydrate(manifest: UploadManifest, context: UploadContext): Promise<Uploaded> {
  return await send(manifest, [], 'replace', context);
}

/** Sends files and deletions on top of what stands inside. */
export async function send(
  manifest: UploadManifest,
  deletions: readonly RelPath[],
  mode: 'replace' | 'merge',
  context: UploadContext,
): Promise<Uploaded> {
  const { sandbox, root, blobs, signal, theirs, onProgress } = context;
  const paths = manifest.files.map(({ path }) => path);
  const expect = theirs && new Map([...paths, ...deletions].map((path) => [path, expected(at(theirs, path))]));
  const sending = new Sending(manifest, context);
  const outcome = await sandbox.upload(tarOf(sending.entries()), deletions, {
    root,
    mode,
    signal,
    ...(expect && { expect }),
    ...(onProgress && { onProgress }),
  });
  await blobs.flush();
  const { sent, leftOut, bytes, tags } = sending;
  return { outcome, sent, leftOut, bytes, tags };
}

function expected(node: Node | 'absent'): Expected {
  if (node === 'absent') return 'absent';
  if (node.t === 'dir') return 'dir';
  return node.t === 'file' ? { file: node.blob } : { link: node.target };
}

/** The files of one upload, as they are read. */
class Sending {
  readonly sent = new Map<RelPath, Node>();
  readonly tags = new Map<RelPath, string>();
  readonly leftOut: HeldBack[] = [];
  bytes = 0;
  readonly #manifest: UploadManifest;
  readonly #context: UploadContext;

  constructor(manifest: UploadManifest, context: UploadContext) {
    this.#manifest = manifest;
    this.#context = context;
  }

  async *entries(): AsyncGenerator<TarEntry> {
    const { folder, blobs, signal } = this.#context;
    const included = new Set(this.#manifest.included);
    const outgoing: OutgoingContext = { folder, blobs, included, maxFileBytes: maxUploadFileBytes };
    const prepareNext = async (file: ManifestFile) => ({ file, outgoing: await prepare(file, outgoing) });
    for await (const { file, outgoing: next } of readAhead(this.#manifest.files, filesAhead, prepareNext)) {
      signal.throwIfAborted();
      if (next.kind === 'left') {
        this.leftOut.push(next.left);
        continue;
      }
      this.sent.set(file.path, next.node);
      if (next.tag !== undefined) this.tags.set(file.path, next.tag);
      yield next.entry;
      this.bytes += next.size;
    }
    for (const { path } of this.#manifest.dependencies) {
      for await (const copied of copiesOf(path, folder, signal)) {
        if (copied.kind === 'sent') yield copied.entry;
        else this.leftOut.push(copied.left);
      }
    }
  }
}

/**
 * Ancestor and sandbox side after an upload that was committed on top of them. A path moves only where the sandbox had
 * not changed it: such a path is never pushed.
 */
export function afterUpload(
  sides: { readonly ancestor: Tree; readonly theirs: Tree },
  uploaded: Uploaded,
  deletions: readonly RelPath[],
): { ancestor: Tree; theirs: Tree } {
  if (uploaded.outcome.kind !== 'committed') return sides;
  const patch = new Map<RelPath, Node | 'absent'>(uploaded.sent);
  for (const path of deletions) patch.set(path, 'absent');
  for (const path of [...patch.keys()]) {
    if (!sameSide(at(sides.ancestor, path), at(sides.theirs, path))) patch.delete(path);
  }
  return { ancestor: patchTree(sides.ancestor, patch), theirs: patchTree(sides.theirs, patch) };
}
