import type { LiveContent } from '../../core/storage.ts';
import type { BlobId } from '../../core/sync/types.ts';
import { blobIdOf } from './hash.ts';
import type { LargeBlobs } from './largeBlobs.ts';
import type { PackFile } from './packFile.ts';
import type { Packs } from './packs.ts';
import { walkTree } from './treeNodes.ts';

/** Packs smaller than this are joined into one, so that their number stays small. */
const smallPack = 16 * 1024 * 1024;
/** A pack is rewritten once less than this part of it is live. */
const worthKeeping = 0.75;
const copyBytes = 8 * 1024 * 1024;

/** The parts of a store that a sweep works on. */
export interface SweptParts {
  readonly packs: Packs;
  readonly large: LargeBlobs;
  readonly largeSizes: Map<BlobId, number>;
}

/**
 * Removes what neither `live` reaches nor `young` says must stay. What is live in a pack with much garbage is copied and
 * synced before the old pack goes. A tree that cannot be read ends the sweep before anything was removed.
 */
export async function sweepStore(
  { packs, large, largeSizes }: SweptParts,
  live: LiveContent,
  young: (id: BlobId) => boolean,
  get: (id: BlobId) => Promise<Uint8Array>,
): Promise<void> {
  const reached = await reachable(live, get);
  const stays = (id: BlobId) => reached.has(id) || young(id);
  const before = await packs.seal();
  const small = before.filter((pack) => pack.size < smallPack);
  const goes = before.filter(
    (pack) => liveShare(pack, stays) < worthKeeping || (small.length > 1 && small.includes(pack)),
  );
  for (const pack of goes) await copyLive(pack, packs, stays);
  await packs.sync();
  await packs.remove(goes);
  for (const id of [...largeSizes.keys()]) {
    if (stays(id)) continue;
    largeSizes.delete(id);
    await large.remove(id);
  }
  await large.removeIncoming();
}

async function reachable(live: LiveContent, get: (id: BlobId) => Promise<Uint8Array>): Promise<Set<BlobId>> {
  const reached = new Set<BlobId>(live.blobs);
  // Kept apart from `reached`: a workspace file may hold the very bytes of a node, and that must not hide the node.
  const entered = new Set<BlobId>();
  for (const tree of live.trees) {
    await walkTree(tree, get, {
      node: (id) => {
        if (entered.has(id)) return 'skip';
        entered.add(id);
        reached.add(id);
        return 'enter';
      },
      leaf: (_path, node) => {
        if (node.t === 'file') reached.add(node.blob);
      },
    });
  }
  return reached;
}

function liveShare(pack: PackFile, stays: (id: BlobId) => boolean): number {
  let bytes = 0;
  for (const { id, size } of pack.entries.values()) if (stays(id)) bytes += size;
  return pack.size === 0 ? 0 : bytes / pack.size;
}

async function copyLive(pack: PackFile, packs: Packs, stays: (id: BlobId) => boolean): Promise<void> {
  let batch = new Map<BlobId, Uint8Array>();
  let bytes = 0;
  const write = async () => {
    if (batch.size > 0) await packs.append(batch);
    batch = new Map();
    bytes = 0;
  };
  for (const entry of pack.entries.values()) {
    if (!stays(entry.id)) continue;
    const content = await pack.read(entry);
    if (blobIdOf(content) !== entry.id) continue;
    batch.set(entry.id, content);
    bytes += content.length;
    if (bytes > copyBytes) await write();
  }
  await write();
}
