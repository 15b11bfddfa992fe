import { randomBytes } from 'node:crypto';
import { open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from '../../core/problem.ts';
import type { BlobId } from '../../core/sync/types.ts';
import { makePrivateFolder, syncFolder } from '../atomicFile.ts';
import { isAbsent } from '../diskErrors.ts';
import { blobHasher } from './hash.ts';

const readBytes = 1024 * 1024;

/** Blobs too large for a pack: one file each, named by its hash, complete or not there. */
export class LargeBlobs {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Ids and sizes of all that are stored. */
  async list(): Promise<Map<BlobId, number>> {
    const found = new Map<BlobId, number>();
    const names = await readdir(this.#folder).catch(() => []);
    for (const name of names) {
      if (!/^[0-9a-f]{64}$/.test(name)) continue;
      found.set(name as BlobId, (await stat(join(this.#folder, name))).size);
    }
    return found;
  }

  /** Bytes of one, or undefined where it is not stored. */
  async sizeOf(id: BlobId): Promise<number | undefined> {
    try {
      return (await stat(this.#path(id))).size;
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  /** Takes in bytes until they end; `check` is told the size so far and may throw, and then nothing is kept. */
  async write(
    chunks: AsyncIterable<Uint8Array>,
    check: (size: number) => void,
  ): Promise<{ blob: BlobId; size: number }> {
    await makePrivateFolder(this.#folder);
    const temp = join(this.#folder, `incoming-${randomBytes(8).toString('hex')}`);
    const file = await open(temp, 'wx', 0o600);
    const hasher = blobHasher();
    let size = 0;
    try {
      for await (const chunk of chunks) {
        size += chunk.length;
        check(size);
        hasher.update(chunk);
        await file.appendFile(chunk);
      }
      await file.sync();
      await file.close();
      const blob = hasher.id();
      await rename(temp, this.#path(blob));
      await syncFolder(this.#folder);
      return { blob, size };
    } catch (error) {
      await file.close().catch(() => undefined);
      await unlink(temp).catch(() => undefined);
      throw error;
    }
  }

  /** Streams one; rejects with `storage-failed` at its end when the bytes do not match. */
  async *stream(id: BlobId): AsyncGenerator<Uint8Array> {
    const file = await open(this.#path(id), 'r');
    const hasher = blobHasher();
    try {
      for (;;) {
        const { bytesRead, buffer } = await file.read(Buffer.alloc(readBytes), 0, readBytes);
        if (bytesRead === 0) break;
        const chunk = buffer.subarray(0, bytesRead);
        hasher.update(chunk);
        yield chunk;
      }
    } finally {
      await file.close();
    }
    if (hasher.id() !== id) fail('storage-failed', 'Stored bytes are damaged.');
  }

  async remove(id: BlobId): Promise<void> {
    await unlink(this.#path(id)).catch((error: unknown) => {
      if (!isAbsent(error)) throw error;
    });
  }

  /** Removes what a crash left half written. For the one writer only, before it writes. */
  async removeIncoming(): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    for (const name of names) {
      if (name.startsWith('incoming-')) await unlink(join(this.#folder, name)).catch(() => undefined);
    }
  }

  #path(id: BlobId): string {
    return join(this.#folder, id);
  }
}
