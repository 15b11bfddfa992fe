import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AirlockError, fail } from '../../core/problem.ts';
import type { BlobStore, LiveContent } from '../../core/storage.ts';
import type { BlobId, Tree, TreeId } from '../../core/sync/types.ts';
import { isAbsent, onStorage, storageFailure } from '../diskErrors.ts';
import { blobIdOf, blobIdOfLarge } from './hash.ts';
import { LargeBlobs } from './largeBlobs.ts';
import { maxPackedBytes } from './packFormat.ts';
import { Packs } from './packs.ts';
import { PackWriter } from './packWriter.ts';
import { sweepStore } from './sweep.ts';
import { readTree, writeTree } from './treeNodes.ts';

const defaultMaxBytes = 8 * 1024 ** 3;

/** Choices for {@link openBlobStore}. */
export interface BlobStoreOptions {
  /** Most bytes on disk; beyond it nothing more is taken in and `limit` is answered. Default 8 GiB. */
  readonly maxBytes?: number;
}

/** Opens the packs in `folder`, which need not exist. Bytes are hashed when they come and again when they are read. */
export async function openBlobStore(folder: string, options: BlobStoreOptions = {}): Promise<BlobStore> {
  return await onStorage('open its store', async () => {
    const large = new LargeBlobs(join(folder, 'large'));
    const largeSizes = await large.list();
    const used = await bytesIn(folder);
    return new PackedBlobStore(folder, await Packs.open(folder), large, largeSizes, used, options);
  });
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  let bytes = 0;
  for (const entry of entries) {
    if (entry.isFile())
      bytes += await stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      );
  }
  return bytes;
}

class PackedBlobStore implements BlobStore {
  readonly #folder: string;
  readonly #packs: Packs;
  readonly #writer: PackWriter;
  readonly #large: LargeBlobs;
  readonly #largeSizes: Map<BlobId, number>;
  readonly #maxBytes: number;
  /** What was put since the last sweep began: the one that runs leaves it alone. */
  #young = new Set<BlobId>();
  #used: number;
  #refreshing: Promise<void> | undefined;

  constructor(
    folder: string,
    packs: Packs,
    large: LargeBlobs,
    largeSizes: Map<BlobId, number>,
    used: number,
    options: BlobStoreOptions,
  ) {
    this.#folder = folder;
    this.#packs = packs;
    this.#writer = new PackWriter(packs);
    this.#large = large;
    this.#largeSizes = largeSizes;
    this.#used = used;
    this.#maxBytes = options.maxBytes ?? defaultMaxBytes;
  }

  async put(bytes: Uint8Array): Promise<BlobId> {
    const id = await blobIdOfLarge(bytes);
    this.#young.add(id);
    if (this.#knows(id)) return id;
    this.#count(bytes.length);
    await onStorage('store bytes', async () => {
      if (bytes.length <= maxPackedBytes) await this.#writer.add(id, bytes);
      else this.#largeSizes.set(id, (await this.#large.write(oneChunk(bytes), () => undefined)).size);
    });
    return id;
  }

  async putStream(bytes: AsyncIterable<Uint8Array>, maxBytes: number): Promise<{ blob: BlobId; size: number }> {
    const iterator = bytes[Symbol.asyncIterator]();
    const head: Uint8Array[] = [];
    let size = 0;
    const check = (soFar: number) => {
      if (soFar > maxBytes) fail('limit', `The content is larger than ${maxBytes} bytes.`);
    };
    try {
      while (size <= maxPackedBytes) {
        const next = await iterator.next();
        if (next.done === true) return { blob: await this.put(Buffer.concat(head)), size };
        size += next.value.length;
        check(size);
        head.push(Uint8Array.from(next.value));
      }
      return await this.#putLarge(joined(head, iterator), check);
    } finally {
      await iterator.return?.();
    }
  }

  async #putLarge(chunks: AsyncIterable<Uint8Array>, check: (size: number) => void) {
    const room = this.#maxBytes - this.#used;
    const stored = await onStorage('store bytes', () =>
      this.#large.write(chunks, (size) => {
        check(size);
        if (size > room) this.#refuse();
      }),
    );
    this.#young.add(stored.blob);
    if (!this.#largeSizes.has(stored.blob)) this.#used += stored.size;
    this.#largeSizes.set(stored.blob, stored.size);
    return stored;
  }

  async has(blob: BlobId): Promise<boolean> {
    if (this.#knows(blob)) return true;
    if (this.#packs.isWriter) return false;
    await this.#refresh();
    return this.#knows(blob) || (await this.#large.sizeOf(blob)) !== undefined;
  }

  async get(blob: BlobId): Promise<Uint8Array> {
    const packed = await this.#getPacked(blob);
    if (packed !== undefined) return packed;
    const parts: Uint8Array[] = [];
    for await (const chunk of this.#streamLarge(blob)) parts.push(chunk);
    return Buffer.concat(parts);
  }

  async *stream(blob: BlobId): AsyncGenerator<Uint8Array> {
    const packed = await this.#getPacked(blob);
    if (packed !== undefined) yield packed;
    else yield* this.#streamLarge(blob);
  }

  async putTree(tree: Tree): Promise<TreeId> {
    return await writeTree(tree, (bytes) => this.put(bytes));
  }

  async getTree(id: TreeId): Promise<Tree> {
    return await readTree(id, (node) => this.get(node));
  }

  async flush(): Promise<void> {
    await onStorage('store bytes', () => this.#writer.flush());
  }

  async size(): Promise<number> {
    await this.flush();
    return await bytesIn(this.#folder);
  }

  async sweep(live: LiveContent): Promise<number> {
    return await onStorage('tidy its store', async () => {
      this.#young = new Set();
      const before = await this.size();
      const keep = (id: BlobId) => this.#young.has(id);
      await this.#writer.alone(() =>
        sweepStore({ packs: this.#packs, large: this.#large, largeSizes: this.#largeSizes }, live, keep, (id) =>
          this.get(id),
        ),
      );
      this.#used = await bytesIn(this.#folder);
      return before - this.#used;
    });
  }

  async close(): Promise<void> {
    await onStorage('close its store', async () => {
      await this.#writer.flush();
      await this.#packs.close();
    });
  }

  #knows(id: BlobId): boolean {
    return this.#writer.pending(id) !== undefined || this.#packs.has(id) || this.#largeSizes.has(id);
  }

  /** Verified bytes of a blob that lies in a pack or waits for one. */
  async #getPacked(id: BlobId): Promise<Uint8Array | undefined> {
    const pending = this.#writer.pending(id);
    if (pending !== undefined) return Uint8Array.from(pending);
    const bytes = await this.#readPacked(id);
    if (bytes === undefined || blobIdOf(bytes) === id) return bytes;
    this.#packs.forget(id);
    return fail('storage-failed', 'Stored bytes are damaged.');
  }

  async #readPacked(id: BlobId): Promise<Uint8Array | undefined> {
    try {
      const bytes = await this.#packs.read(id);
      if (bytes !== undefined || this.#largeSizes.has(id) || this.#packs.isWriter) return bytes;
      await this.#refresh();
      return await this.#packs.read(id);
    } catch (error) {
      throw storageFailure('read its store', error);
    }
  }

  async *#streamLarge(id: BlobId): AsyncGenerator<Uint8Array> {
    try {
      yield* this.#large.stream(id);
    } catch (error) {
      if (isAbsent(error)) fail('not-found', `The store has no content ${id.slice(0, 12)}….`);
      if (error instanceof AirlockError) this.#largeSizes.delete(id);
      throw storageFailure('read its store', error);
    }
  }

  #refresh(): Promise<void> {
    this.#refreshing ??= this.#packs.refresh().finally(() => (this.#refreshing = undefined));
    return this.#refreshing;
  }

  #count(bytes: number): void {
    if (this.#used + bytes > this.#maxBytes) this.#refuse();
    this.#used += bytes;
  }

  #refuse(): never {
    fail('limit', `This session's store has reached its limit of ${Math.round(this.#maxBytes / 1024 ** 2)} MiB.`);
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- a stream of what is there already
async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function* joined(head: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* head;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}
