import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { relPath, type RelPath } from '../../../../src/core/paths.ts';
import type { AirlockError } from '../../../../src/core/problem.ts';
import type { BlobStore } from '../../../../src/core/storage.ts';
import type { BlobId, Node } from '../../../../src/core/sync/types.ts';

export const refusedAs = (id: string) => (error: AirlockError) => error.problem.id === id;
export const bytesOf = (text: string) => Buffer.from(text);
export const same = (a: Uint8Array, b: Uint8Array) => assert.ok(Buffer.compare(a, b) === 0, 'the bytes differ');

export async function* chunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    await Promise.resolve();
    yield bytes.subarray(at, at + size);
  }
}

export async function streamed(store: BlobStore, blob: BlobId): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of store.stream(blob)) parts.push(part);
  return Buffer.concat(parts);
}

export const packsIn = async (folder: string) =>
  (await readdir(folder)).filter((name) => name.endsWith('.pack')).sort();
export const fileNode = (blob: BlobId): Node => ({ t: 'file', blob, size: 1, exec: false });

/** A tree of `count` files in folders of `width`. */
export async function aTree(store: BlobStore, count: number, width: number): Promise<Map<RelPath, Node>> {
  const tree = new Map<RelPath, Node>();
  for (let i = 0; i < count; i++) {
    const blob = await store.put(bytesOf(`file ${i}`));
    tree.set(relPath(`src/part${Math.floor(i / width)}/file${i}.ts`), fileNode(blob));
  }
  return tree;
}
