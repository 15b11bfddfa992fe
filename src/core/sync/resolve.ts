import type { BlobStore } from '../storage.ts';
import { isBinary, mergeText } from './merge.ts';
import { maxMergedBytes } from './sizes.ts';
import { sameSide } from './tree.ts';
import type { MergeKind, Node, Side } from './types.ts';

type FileNode = Node & { readonly t: 'file' };
type Known = Node | 'absent';

/** How one path comes home: what would be written (nothing for a deletion), or that a person must decide. */
export interface Resolution {
  readonly merge: Exclude<MergeKind, 'blocked'>;
  readonly write?: Known;
}

/** The three-way rule for one path. New contents of a merge are put into the store. */
export async function resolve(base: Known, ours: Known, theirs: Known, blobs: BlobStore): Promise<Resolution> {
  if (sameSide(ours, base)) return { merge: 'take', write: theirs };
  if (!isFile(ours) || !isFile(theirs)) return { merge: 'conflict' };
  if (isFile(base)) return await mergeFiles(base, ours, theirs, blobs);
  // Both made it, each in their own way.
  if (ours.blob === theirs.blob) return { merge: 'auto', write: { ...theirs, exec: ours.exec || theirs.exec } };
  if (isTooLarge(ours, theirs)) return { merge: 'binary' };
  const contents = [await blobs.get(ours.blob), await blobs.get(theirs.blob)];
  return { merge: contents.some(isBinary) ? 'binary' : 'conflict' };
}

export function isFile(side: Side): side is FileNode {
  return typeof side === 'object' && side.t === 'file';
}

function isTooLarge(...files: readonly FileNode[]): boolean {
  return files.some(({ size }) => size > maxMergedBytes);
}

/**
 * What becomes of a file that both sides changed: `auto` with the merge, whose content is in the store then, or
 * `conflict` or `binary`. Whichever side moved the executable bit away from the base has the say.
 */
export async function mergeFiles(
  base: FileNode,
  ours: FileNode,
  theirs: FileNode,
  blobs: BlobStore,
): Promise<Resolution> {
  const exec = ours.exec === base.exec ? theirs.exec : ours.exec;
  if (ours.blob === base.blob || ours.blob === theirs.blob) return { merge: 'auto', write: { ...theirs, exec } };
  if (theirs.blob === base.blob) return { merge: 'auto', write: { ...ours, exec } };
  if (isTooLarge(base, ours, theirs)) return { merge: 'binary' };
  const [o, a, b] = await Promise.all([blobs.get(base.blob), blobs.get(ours.blob), blobs.get(theirs.blob)]);
  const merged = mergeText(o, a, b);
  if (merged.kind !== 'clean') return { merge: merged.kind };
  const blob = await blobs.put(merged.bytes);
  return { merge: 'auto', write: { t: 'file', blob, size: merged.bytes.length, exec } };
}
