import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RelPath } from '../core/paths.ts';
import type { BlobStore } from '../core/storage.ts';
import type { Node } from '../core/sync/types.ts';
import { sideOf } from './folder.ts';
import type { Journal } from './journal.ts';
import { Skip } from './place.ts';

/** A moment of an act at which a crash could come. */
export type ActPoint =
  | { readonly at: 'begun' | 'committed' | 'settled' }
  | { readonly at: 'placed' | 'noted' | 'restored'; readonly step: number };

/** Parts that the work on one act needs. */
export interface ActContext {
  readonly root: string;
  readonly journal: Journal;
  readonly blobs: BlobStore;
  readonly signal: AbortSignal;
  readonly onPoint: (point: ActPoint) => void | Promise<void>;
}

/** What stands at a path, with its bytes safe in the store. */
export async function keepSide(
  work: ActContext,
  path: RelPath,
): Promise<{ side: Node | 'absent'; bytes?: Uint8Array }> {
  const standing = await sideOf(work.root, path, (bytes) => work.blobs.putStream(bytes, Number.MAX_SAFE_INTEGER));
  const { side, bytes } = standing;
  if (side === 'unknown') throw new Skip('It cannot be read on this machine, or lies behind a link.');
  if (bytes === undefined) return { side };
  await work.blobs.put(bytes);
  return { side, bytes };
}

/** Mode bits of the file at a path, where there is one. */
export async function modeOf(root: string, path: RelPath): Promise<{ mode: number } | Record<string, never>> {
  const stat = await lstat(join(root, path)).catch(() => undefined);
  return stat?.isFile() === true ? { mode: stat.mode & 0o777 } : {};
}
