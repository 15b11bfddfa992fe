import { z } from 'zod';
import { fail } from '../../core/problem.ts';
import { parseRelPath, type RelPath } from '../../core/paths.ts';
import { byPath } from '../../core/sync/tree.ts';
import type { BlobId, Node, Tree, TreeId } from '../../core/sync/types.ts';
import { pacer } from '../pacer.ts';
import { blobIdOf } from './hash.ts';

/**
 * Trees are stored as one node per folder, so that a tree that differs in one file shares all nodes but those on the
 * way to it. A folder with many entries is cut into shards after names that their hash picks: a change then costs one
 * shard, wherever it is.
 */
const shardAbove = 256;
const shardMask = 0x7f;

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const entryShape = z.union([
  z.tuple([z.literal('f'), z.string(), hex, z.number(), z.union([z.literal(0), z.literal(1)])]),
  z.tuple([z.literal('l'), z.string(), z.string()]),
  z.tuple([z.literal('d'), z.string(), hex]),
  z.tuple([z.literal('e'), z.string()]),
]);
const nodeShape = z.union([z.object({ entries: z.array(entryShape) }), z.object({ shards: z.array(hex) })]);
type Entry = z.infer<typeof entryShape>;

interface Folder {
  readonly leaves: Map<string, Node>;
  readonly folders: Map<string, Folder>;
}

/**
 * Stores a tree by way of `put` and answers with its id. A folder that the tree names beside entries inside it is
 * implied by these; a file or link with entries inside is refused with `bad-input`.
 */
export async function writeTree(tree: Tree, put: (bytes: Uint8Array) => Promise<BlobId>): Promise<TreeId> {
  const breathe = pacer();
  const store = async (node: z.infer<typeof nodeShape>) => (await put(Buffer.from(JSON.stringify(node)))) as string;

  const write = async (folder: Folder): Promise<string> => {
    const entries: Entry[] = [];
    for (const [name, node] of folder.leaves) entries.push(leafEntry(name, node));
    for (const [name, child] of folder.folders) entries.push(['d', name, await write(child)]);
    entries.sort((a, b) => byPath(a[1], b[1]));
    await breathe();
    if (entries.length <= shardAbove) return await store({ entries });
    const shards: string[] = [];
    for (const shard of cutIntoShards(entries)) {
      shards.push(await store({ entries: shard }));
      await breathe();
    }
    return await store({ shards });
  };
  return (await write(await nest(tree))) as TreeId;
}

async function nest(tree: Tree): Promise<Folder> {
  const root: Folder = { leaves: new Map(), folders: new Map() };
  const breathe = pacer();
  for (const [path, node] of tree) {
    const parts = path.split('/');
    const name = parts.pop() ?? '';
    let folder = root;
    for (const part of parts) folder = enter(folder, part, path);
    if (node.t !== 'dir' && folder.folders.has(name)) fail('bad-input', `${path} is a file and a folder at once.`);
    if (!folder.folders.has(name)) folder.leaves.set(name, node);
    await breathe();
  }
  return root;
}

function enter(folder: Folder, name: string, path: string): Folder {
  const leaf = folder.leaves.get(name);
  if (leaf !== undefined && leaf.t !== 'dir') fail('bad-input', `A folder on the way to ${path} is a file.`);
  folder.leaves.delete(name);
  const child = folder.folders.get(name) ?? { leaves: new Map<string, Node>(), folders: new Map<string, Folder>() };
  folder.folders.set(name, child);
  return child;
}

function leafEntry(name: string, node: Node): Entry {
  if (node.t === 'file') return ['f', name, node.blob, node.size, node.exec ? 1 : 0];
  return node.t === 'link' ? ['l', name, node.target] : ['e', name];
}

function* cutIntoShards(entries: readonly Entry[]): Generator<Entry[]> {
  let shard: Entry[] = [];
  for (const entry of entries) {
    shard.push(entry);
    const pick = Number.parseInt(blobIdOf(Buffer.from(entry[1])).slice(0, 8), 16) & shardMask;
    if (pick !== 0) continue;
    yield shard;
    shard = [];
  }
  if (shard.length > 0) yield shard;
}

/** What a walk over stored nodes meets, for whoever needs to know what is reachable. */
export interface TreeVisitor {
  node?(id: BlobId): 'enter' | 'skip';
  leaf?(path: RelPath, node: Node): void;
}

/** Walks a stored tree; nodes that do not parse are refused with `storage-failed`. */
export async function walkTree(
  id: TreeId,
  get: (id: BlobId) => Promise<Uint8Array>,
  visitor: TreeVisitor,
): Promise<void> {
  const breathe = pacer();
  const walk = async (node: BlobId, prefix: string): Promise<void> => {
    if (visitor.node?.(node) === 'skip') return;
    const content = parseNode(await get(node));
    await breathe();
    if ('shards' in content) {
      for (const shard of content.shards) await walk(shard as BlobId, prefix);
      return;
    }
    for (const entry of content.entries) {
      if (entry[0] === 'd') await walk(entry[2] as BlobId, `${prefix}${entry[1]}/`);
      else visitor.leaf?.(pathOf(prefix + entry[1]), leafNode(entry));
    }
  };
  await walk(id as string as BlobId, '');
}

/** Reads a stored tree back whole. */
export async function readTree(id: TreeId, get: (id: BlobId) => Promise<Uint8Array>): Promise<Tree> {
  const tree = new Map<RelPath, Node>();
  await walkTree(id, get, { leaf: (path, node) => void tree.set(path, node) });
  return tree;
}

function leafNode(entry: Exclude<Entry, ['d', ...unknown[]]>): Node {
  if (entry[0] === 'f') return { t: 'file', blob: entry[2] as BlobId, size: entry[3], exec: entry[4] === 1 };
  return entry[0] === 'l' ? { t: 'link', target: entry[2] } : { t: 'dir' };
}

function pathOf(text: string): RelPath {
  const parsed = parseRelPath(text);
  return parsed.ok ? parsed.path : fail('storage-failed', 'A stored tree holds a name that is no path.');
}

function parseNode(bytes: Uint8Array): z.infer<typeof nodeShape> {
  try {
    return nodeShape.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    return fail('storage-failed', 'A stored tree cannot be read.');
  }
}
