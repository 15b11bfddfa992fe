import type { BlobId } from '../../core/sync/types.ts';
import type { Packs } from './packs.ts';

/** Bytes that may wait in memory before whoever puts more has to wait. */
const maxPendingBytes = 8 * 1024 * 1024;

/**
 * Gathers small blobs and appends them to the packs in large writes. What could not be written stays pending, is still
 * readable, and is tried again at the next flush.
 */
export class PackWriter {
  readonly #packs: Packs;
  readonly #pending = new Map<BlobId, Uint8Array>();
  #pendingBytes = 0;
  #turn: Promise<unknown> = Promise.resolve();
  #draining: Promise<void> | undefined;

  constructor(packs: Packs) {
    this.#packs = packs;
  }

  /** The bytes of a blob that is not in a pack yet. */
  pending(id: BlobId): Uint8Array | undefined {
    return this.#pending.get(id);
  }

  /** Takes a copy of the bytes; waits only when too much is pending. */
  async add(id: BlobId, bytes: Uint8Array): Promise<void> {
    this.#pending.set(id, Uint8Array.from(bytes));
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes > maxPendingBytes) await this.#drain();
  }

  /** Writes all that is pending and makes it survive a power cut. */
  async flush(): Promise<void> {
    await this.#drain();
    await this.alone(() => this.#packs.sync());
  }

  /** Runs `act` while nothing else touches the packs. */
  alone<T>(act: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(act);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  #drain(): Promise<void> {
    this.#draining ??= this.#drainAll().finally(() => (this.#draining = undefined));
    return this.#draining;
  }

  async #drainAll(): Promise<void> {
    while (this.#pending.size > 0) {
      await this.alone(async () => {
        const batch = new Map(this.#pending);
        await this.#packs.append(batch);
        for (const [id, bytes] of batch) {
          this.#pending.delete(id);
          this.#pendingBytes -= bytes.length;
        }
      });
    }
  }
}
