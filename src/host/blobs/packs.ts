import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobId } from '../../core/sync/types.ts';
import { isAbsent } from '../diskErrors.ts';
import { PackFile } from './packFile.ts';
import type { PackEntry } from './packFormat.ts';

/** A pack that grew past this is left and the next one begun. */
const maxPackBytes = 256 * 1024 * 1024;

/**
 * All packs of one folder and where each blob lies. Each opening that writes begins a pack of its own, so no two
 * processes ever append to one file and a torn end is simply never gone on with.
 */
export class Packs {
  readonly #folder: string;
  readonly #packs = new Map<string, PackFile>();
  readonly #where = new Map<BlobId, PackFile>();
  #current: PackFile | undefined;
  #wrote = false;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(folder: string): Promise<Packs> {
    const packs = new Packs(folder);
    await packs.refresh();
    return packs;
  }

  get all(): readonly PackFile[] {
    return [...this.#packs.values()];
  }

  /** True once something was appended from here: then nobody else writes, and there is nothing new to find. */
  get isWriter(): boolean {
    return this.#wrote;
  }

  has(id: BlobId): boolean {
    return this.#where.has(id);
  }

  /** The bytes on disk, not yet verified; undefined for an unknown id. */
  async read(id: BlobId): Promise<Buffer | undefined> {
    const pack = this.#where.get(id);
    const entry = pack?.entries.get(id);
    return pack === undefined || entry === undefined ? undefined : await pack.read(entry);
  }

  /** Forgets a blob whose bytes turned out damaged, so that it can be stored anew. */
  forget(id: BlobId): void {
    this.#where.get(id)?.entries.delete(id);
    this.#where.delete(id);
  }

  /** Takes in packs and records that another process has written, and lets go of packs that it swept. */
  async refresh(): Promise<void> {
    const names = (await readdir(this.#folder).catch(() => [])).filter((name) => name.endsWith('.pack')).sort();
    for (const [name, pack] of this.#packs) {
      if (!names.includes(name)) await this.#drop(pack);
    }
    for (const name of names) {
      const known = this.#packs.get(name);
      try {
        if (known === undefined) this.#add(await PackFile.open(join(this.#folder, name)));
        else this.#know(known, await known.refresh());
      } catch (error) {
        if (!isAbsent(error)) throw error;
      }
    }
  }

  async append(blobs: ReadonlyMap<BlobId, Uint8Array>): Promise<void> {
    if (this.#current !== undefined && this.#current.size > maxPackBytes) await this.#finishCurrent();
    const pack = this.#current ?? (await PackFile.create(this.#folder));
    this.#current = pack;
    this.#wrote = true;
    this.#packs.set(pack.name, pack);
    try {
      await pack.append(blobs);
    } catch (error) {
      this.#current = undefined;
      throw error;
    }
    for (const id of blobs.keys()) this.#where.set(id, pack);
  }

  /** Makes all that was appended survive a power cut, also in a pack that was left because an append to it failed. */
  async sync(): Promise<void> {
    for (const pack of this.#packs.values()) await pack.sync();
  }

  /** Leaves the current pack for a new one. */
  async #finishCurrent(): Promise<void> {
    await this.#current?.writeIndex();
    this.#current = undefined;
  }

  /** Deletes packs; what they hold must be stored elsewhere by now or be wanted no more. */
  async remove(packs: readonly PackFile[]): Promise<void> {
    for (const pack of packs) {
      await this.#drop(pack);
      await pack.remove();
    }
  }

  /** Begins a new pack for what comes, and answers with those there are. */
  async seal(): Promise<readonly PackFile[]> {
    const before = this.all;
    if (this.#current !== undefined) await this.#finishCurrent();
    return before;
  }

  async close(): Promise<void> {
    for (const pack of this.#packs.values()) {
      if (this.#wrote) await pack.writeIndex();
      await pack.close();
    }
    this.#packs.clear();
    this.#where.clear();
  }

  #add(pack: PackFile): void {
    this.#packs.set(pack.name, pack);
    this.#know(pack, pack.entries.values());
  }

  #know(pack: PackFile, entries: Iterable<PackEntry>): void {
    for (const { id } of entries) this.#where.set(id, pack);
  }

  async #drop(pack: PackFile): Promise<void> {
    this.#packs.delete(pack.name);
    for (const id of pack.entries.keys()) if (this.#where.get(id) === pack) this.#where.delete(id);
    await pack.close();
  }
}
