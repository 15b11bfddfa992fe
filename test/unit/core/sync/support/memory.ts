import { createHash } from 'node:crypto';
import { relPath, type RelPath } from '../../../../../src/core/paths.ts';
import { fail } from '../../../../../src/core/problem.ts';
import type { BlobStore, FolderScan, LocalFolder } from '../../../../../src/core/storage.ts';
import type { BlobId, ManifestFile, Node, Side, Tree, TreeId } from '../../../../../src/core/sync/types.ts';

export const bytesOf = (text: string): Uint8Array => Buffer.from(text);
export const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
export const hashOf = (bytes: Uint8Array): BlobId => createHash('sha256').update(bytes).digest('hex') as BlobId;

export async function collect(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of source) parts.push(part);
  return Buffer.concat(parts);
}

/** A blob store that keeps all in memory. */
export class MemoryBlobs implements BlobStore {
  readonly #blobs = new Map<BlobId, Uint8Array>();
  readonly #trees = new Map<TreeId, Tree>();

  put(bytes: Uint8Array): Promise<BlobId> {
    const blob = hashOf(bytes);
    this.#blobs.set(blob, Uint8Array.from(bytes));
    return Promise.resolve(blob);
  }

  async putStream(source: AsyncIterable<Uint8Array>, maxBytes: number): Promise<{ blob: BlobId; size: number }> {
    const bytes = await collect(source);
    if (bytes.length > maxBytes) fail('limit', 'Too large.');
    return { blob: await this.put(bytes), size: bytes.length };
  }

  has(blob: BlobId): Promise<boolean> {
    return Promise.resolve(this.#blobs.has(blob));
  }

  get(blob: BlobId): Promise<Uint8Array> {
    const bytes = this.#blobs.get(blob);
    return bytes === undefined ? Promise.reject(new Error(`no blob ${blob}`)) : Promise.resolve(bytes);
  }

  async *stream(blob: BlobId): AsyncGenerator<Uint8Array> {
    const bytes = await this.get(blob);
    for (let at = 0; at < bytes.length; at += 60_000) yield bytes.subarray(at, at + 60_000);
  }

  putTree(tree: Tree): Promise<TreeId> {
    const id = hashOf(bytesOf(JSON.stringify([...tree]))) as unknown as TreeId;
    this.#trees.set(id, tree);
    return Promise.resolve(id);
  }

  getTree(id: TreeId): Promise<Tree> {
    const tree = this.#trees.get(id);
    return tree === undefined ? Promise.reject(new Error('no tree')) : Promise.resolve(tree);
  }

  flush = () => Promise.resolve();
  size = () => Promise.resolve(0);
  sweep = () => Promise.resolve(0);
  close = () => Promise.resolve();
}

interface Entry {
  readonly bytes?: Uint8Array;
  readonly exec?: boolean;
  readonly link?: string;
  readonly dir?: true;
  readonly version: number;
}

/** A folder that lives in memory. `whileReading` happens in the middle of a file's bytes. */
export class MemoryFolder implements LocalFolder {
  readonly uri = 'file:///project';
  readonly path = '/project';
  readonly name = 'project';
  readonly sideCalls: RelPath[] = [];
  readonly dependencies = new Map<RelPath, readonly ManifestFile[]>();
  whileReading: ((path: RelPath) => void) | undefined;
  readonly #entries = new Map<RelPath, Entry>();
  #version = 0;

  set(path: string, content: string | Uint8Array, exec = false): this {
    const bytes = typeof content === 'string' ? bytesOf(content) : content;
    this.#entries.set(relPath(path), { bytes, exec, version: this.#version++ });
    return this;
  }

  link(path: string, target: string): this {
    this.#entries.set(relPath(path), { link: target, version: this.#version++ });
    return this;
  }

  dir(path: string): this {
    this.#entries.set(relPath(path), { dir: true, version: this.#version++ });
    return this;
  }

  delete(path: string): this {
    this.#entries.delete(relPath(path));
    return this;
  }

  files(): ManifestFile[] {
    return [...this.#entries].map(([path, { bytes, exec, link, dir }]) => ({
      path,
      size: bytes?.length ?? 0,
      exec: exec ?? false,
      ...(link === undefined ? {} : { link }),
      ...(dir === undefined ? {} : { dir }),
    }));
  }

  scan(): Promise<FolderScan> {
    const dependencies = [...this.dependencies].map(([path, files]) => ({ path, files: files.length, size: 0 }));
    return Promise.resolve({ files: this.files(), held: [], dependencies, source: 'rules' });
  }

  async *walk(folder: RelPath): AsyncGenerator<ManifestFile> {
    for (const file of this.dependencies.get(folder) ?? []) yield await Promise.resolve(file);
  }

  async *read(path: RelPath): AsyncGenerator<Uint8Array> {
    const half = Math.floor((this.#bytes(path).length || 0) / 2);
    yield await Promise.resolve(this.#bytes(path).subarray(0, half));
    this.whileReading?.(path);
    yield this.#bytes(path).subarray(half);
  }

  #bytes(path: RelPath): Uint8Array {
    return this.#entries.get(path)?.bytes ?? fail('not-found', 'Gone.');
  }

  side(path: RelPath): Promise<{ side: Side; bytes?: Uint8Array }> {
    this.sideCalls.push(path);
    const entry = this.#entries.get(path);
    if (entry === undefined) return Promise.resolve({ side: 'absent' });
    if (entry.link !== undefined) return Promise.resolve({ side: { t: 'link', target: entry.link } });
    if (entry.bytes === undefined) return Promise.resolve({ side: { t: 'dir' } });
    return Promise.resolve({ side: fileNode(entry.bytes, entry.exec), bytes: entry.bytes });
  }

  ignored(paths: readonly RelPath[]): Promise<ReadonlySet<RelPath>> {
    return Promise.resolve(new Set(paths.filter((path) => path.startsWith('dist/'))));
  }

  hooks = () => Promise.resolve(new Set<RelPath>());
  links = () => Promise.resolve([]);

  tags(paths: readonly RelPath[]): Promise<ReadonlyMap<RelPath, string>> {
    const found = paths.flatMap((path) => {
      const entry = this.#entries.get(path);
      return entry === undefined ? [] : [[path, String(entry.version)] as const];
    });
    return Promise.resolve(new Map(found));
  }
}

export function fileNode(content: string | Uint8Array, exec = false): Node & { t: 'file' } {
  const bytes = typeof content === 'string' ? bytesOf(content) : content;
  return { t: 'file', blob: hashOf(bytes), size: bytes.length, exec };
}

/** A tree of files by path and text. */
export function treeOf(files: Record<string, string>): Tree {
  return new Map(Object.entries(files).map(([path, text]) => [relPath(path), fileNode(text)]));
}
