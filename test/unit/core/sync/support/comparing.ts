import { mintId } from '../../../../../src/shared/ids.ts';
import type { BlobStore, LocalFolder } from '../../../../../src/core/storage.ts';
import { computeChanges, Rejections, type CompareOptions } from '../../../../../src/core/sync/changes.ts';
import type { ChangeSet, Tree } from '../../../../../src/core/sync/types.ts';
import { bytesOf, treeOf } from './memory.ts';

export type Files = Readonly<Record<string, string>>;

/** A tree of text files whose contents lie in the store. */
export async function storedTree(blobs: BlobStore, files: Files): Promise<Tree> {
  for (const text of Object.values(files)) await blobs.put(bytesOf(text));
  return treeOf(files);
}

/** Compares two trees with a folder. */
export async function compared(
  ancestor: Tree,
  theirs: Tree,
  folder: LocalFolder,
  blobs: BlobStore,
  more: Partial<CompareOptions> = {},
): Promise<ChangeSet> {
  const rest = { unknown: new Set<never>(), rejections: new Rejections(), asOf: 1, warnings: [] };
  return await computeChanges({ ancestor, theirs, folder, blobs, checkpoint: mintId('checkpoint'), ...rest, ...more });
}
