import { createHash, hash } from 'node:crypto';
import type { BlobId } from '../../core/sync/types.ts';
import { pacer } from '../pacer.ts';

/** Bytes hashed in one go: some two milliseconds' worth. */
const sliceBytes = 1024 * 1024;

/** The id of some bytes: their SHA-256. */
export function blobIdOf(bytes: Uint8Array): BlobId {
  return hash('sha256', bytes, 'hex') as BlobId;
}

/** As {@link blobIdOf}, giving way to other work while it hashes something large. */
export async function blobIdOfLarge(bytes: Uint8Array): Promise<BlobId> {
  if (bytes.length <= sliceBytes) return blobIdOf(bytes);
  const hasher = blobHasher();
  const breathe = pacer();
  for (let at = 0; at < bytes.length; at += sliceBytes) {
    hasher.update(bytes.subarray(at, at + sliceBytes));
    await breathe();
  }
  return hasher.id();
}

/** Hashes bytes that come in pieces. */
export function blobHasher(): { update(bytes: Uint8Array): void; id(): BlobId } {
  const hasher = createHash('sha256');
  return { update: (bytes) => void hasher.update(bytes), id: () => hasher.digest('hex') as BlobId };
}
