import { randomBytes } from 'node:crypto';
import { open, readFile, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { BlobId } from '../../core/sync/types.ts';
import { makePrivateFolder, syncFolder, writeFileAtomic } from '../atomicFile.ts';
import { isAbsent } from '../diskErrors.ts';
import { packHeader, packMagic, readIndex, scanPack, writeIndex, type PackEntry } from './packFormat.ts';

/** One append-only pack. It is written by the process that created it and by no other, ever. */
export class PackFile {
  readonly path: string;
  readonly entries = new Map<BlobId, PackEntry>();
  #end = 0;
  #indexed = 0;
  #reader: Promise<FileHandle> | undefined;
  #writer: FileHandle | undefined;
  #dirty = false;

  private constructor(path: string) {
    this.path = path;
  }

  /** Creates a new pack in `folder` for writing. */
  static async create(folder: string): Promise<PackFile> {
    await makePrivateFolder(folder);
    const name = `${Date.now().toString(36).padStart(9, '0')}-${randomBytes(5).toString('hex')}.pack`;
    const pack = new PackFile(join(folder, name));
    pack.#writer = await open(pack.path, 'wx', 0o600);
    await pack.#writer.appendFile(packMagic);
    await syncFolder(folder);
    pack.#end = packMagic.length;
    pack.#dirty = true;
    return pack;
  }

  /** Opens a pack for reading: its index where there is one, a verifying scan for the rest. */
  static async open(path: string): Promise<PackFile> {
    const pack = new PackFile(path);
    const index = await readFile(pack.#indexPath).then(readIndex, () => undefined);
    if (index !== undefined) {
      for (const entry of index.entries) pack.entries.set(entry.id, entry);
      pack.#end = index.end;
      pack.#indexed = index.end;
    }
    await pack.refresh();
    return pack;
  }

  get name(): string {
    return basename(this.path);
  }

  /** Verified bytes. */
  get size(): number {
    return this.#end;
  }

  get #indexPath(): string {
    return `${this.path}.idx`;
  }

  /** Takes in what another process has appended; answers with the new entries. */
  async refresh(): Promise<readonly PackEntry[]> {
    if (this.#writer !== undefined) return [];
    const { entries, end } = await scanPack(await this.#forReading(), this.#end);
    for (const entry of entries) this.entries.set(entry.id, entry);
    this.#end = end;
    return entries;
  }

  /** Appends blobs in one write. After a failure nothing more may be appended: its end may be torn. */
  async append(blobs: ReadonlyMap<BlobId, Uint8Array>): Promise<void> {
    const writer = this.#writer;
    if (writer === undefined) throw new Error(`${this.name} is not open for writing.`);
    const parts: Uint8Array[] = [];
    const added: PackEntry[] = [];
    let end = this.#end;
    for (const [id, bytes] of blobs) {
      const header = packHeader(id, bytes);
      parts.push(header, bytes);
      added.push({ id, at: end + header.length, size: bytes.length });
      end += header.length + bytes.length;
    }
    this.#dirty = true;
    await writer.appendFile(Buffer.concat(parts));
    for (const entry of added) this.entries.set(entry.id, entry);
    this.#end = end;
  }

  /** The stored bytes as they are on disk, not yet verified. */
  async read({ at, size }: PackEntry): Promise<Buffer> {
    const bytes = Buffer.alloc(size);
    const { bytesRead } = await (await this.#forReading()).read(bytes, 0, size, at);
    return bytes.subarray(0, bytesRead);
  }

  /** Makes what was appended survive a power cut. */
  async sync(): Promise<void> {
    if (!this.#dirty) return;
    this.#dirty = false;
    try {
      await this.#writer?.datasync();
    } catch (error) {
      this.#dirty = true;
      throw error;
    }
  }

  /** Writes the index, so that the next opening need not scan. */
  async writeIndex(): Promise<void> {
    if (this.#indexed === this.#end) return;
    await this.sync();
    await writeFileAtomic(this.#indexPath, writeIndex([...this.entries.values()], this.#end));
    this.#indexed = this.#end;
  }

  async close(): Promise<void> {
    const reader = await this.#reader?.catch(() => undefined);
    this.#reader = undefined;
    await Promise.all([reader?.close(), this.#writer?.close()]);
    this.#writer = undefined;
  }

  /** Deletes the pack; the index goes first, since without its pack it would mean nothing. */
  async remove(): Promise<void> {
    await this.close();
    for (const path of [this.#indexPath, this.path]) {
      await unlink(path).catch((error: unknown) => {
        if (!isAbsent(error)) throw error;
      });
    }
    await syncFolder(dirname(this.path));
  }

  #forReading(): Promise<FileHandle> {
    this.#reader ??= open(this.path, 'r');
    return this.#reader;
  }
}
