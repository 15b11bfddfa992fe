import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { relPath, type RelPath } from '../../../../src/core/paths.ts';
import type { BlobStore } from '../../../../src/core/storage.ts';
import type { BlobId, Node, Tree } from '../../../../src/core/sync/types.ts';
import { openBlobStore } from '../../../../src/host/blobs/blobStore.ts';
import { blobIdOf } from '../../../../src/host/blobs/hash.ts';
import { maxPackedBytes } from '../../../../src/host/blobs/packFormat.ts';
import { inScratch } from '../scratch.ts';
import { aTree, bytesOf, fileNode, packsIn, refusedAs, same } from './content.ts';

describe('stored trees', function () {
  this.timeout(240_000);

  it('come back as they were put', () =>
    inScratch(async (folder) => {
      const store = await openBlobStore(folder);
      const name = fc.stringMatching(/^[a-c\u00fc ]{1,2}$/);
      const node = fc.oneof(
        fc.constant<Node>({ t: 'dir' }),
        fc.record({ t: fc.constant('link' as const), target: fc.string() }, { noNullPrototype: true }),
        fc.record(
          {
            t: fc.constant('file' as const),
            blob: fc.nat().map((n) => blobIdOf(bytesOf(String(n)))),
            size: fc.nat(),
            exec: fc.boolean(),
          },
          { noNullPrototype: true },
        ),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(fc.array(name, { minLength: 1, maxLength: 4 }), node)), async (entries) => {
          const tree = new Map<RelPath, Node>();
          for (const [parts, leaf] of entries) {
            const path = relPath(parts.join('/'));
            const clash = [...tree.keys()].some(
              (p) => p === path || p.startsWith(`${path}/`) || path.startsWith(`${p}/`),
            );
            if (!clash) tree.set(path, leaf);
          }
          const back = await store.getTree(await store.putTree(tree));
          assert.deepEqual(new Map([...back].sort()), new Map([...tree].sort()));
          assert.equal(await store.putTree(new Map([...tree].reverse())), await store.putTree(tree));
        }),
      );
      await store.close();
    }));

  it('cost what changed, also in one folder of thousands', () =>
    inScratch(async (folder) => {
      const store = await openBlobStore(folder);
      for (const width of [100, 10_000]) {
        const tree = await aTree(store, 10_000, width);
        await store.putTree(tree);
        const before = await store.size();
        const changed = new Map(tree);
        changed.set(relPath('src/part0/file17.ts'), fileNode(await store.put(bytesOf(`changed for ${width}`))));
        const id = await store.putTree(changed);
        const cost = (await store.size()) - before;
        assert.ok(cost < 100_000, `${cost} bytes for one changed file`);
        assert.deepEqual(new Map([...(await store.getTree(id))].sort()), new Map([...changed].sort()));
      }
      await store.close();
    }));

  it('refuse a path that is a file and a folder at once', () =>
    inScratch(async (folder) => {
      const store = await openBlobStore(folder);
      const file = fileNode(await store.put(bytesOf('x')));
      const both: Tree[] = [
        new Map([
          [relPath('a'), file],
          [relPath('a/b'), file],
        ]),
        new Map([
          [relPath('a/b'), file],
          [relPath('a'), file],
        ]),
      ];
      for (const tree of both) await assert.rejects(store.putTree(tree), refusedAs('bad-input'));
    }));
});

describe('the sweep', function () {
  this.timeout(240_000);

  it('frees what no root reaches and keeps what one does', () =>
    inScratch(async (folder) => {
      const first = await openBlobStore(folder);
      const tree = await first.putTree(await aTree(first, 600, 300));
      const kept = await first.put(bytesOf('a change set'));
      const large = await first.put(randomBytes(maxPackedBytes + 1));
      const garbage = await first.put(randomBytes(500_000));
      const oldLarge = await first.put(randomBytes(maxPackedBytes + 2));
      await first.close();
      const store = await openBlobStore(folder);
      const whole = await store.getTree(tree);
      const sweeping = store.sweep({ blobs: [kept, large], trees: [tree] });
      const young = await store.put(bytesOf('put while it runs'));
      const freed = await sweeping;
      assert.ok(freed > 4_500_000, `${freed} bytes freed`);
      for (const next of [store, await openBlobStore(folder)]) {
        assert.deepEqual(await next.getTree(tree), whole);
        for (const { blob } of [...whole.values()].filter((node) => node.t === 'file')) await next.get(blob);
        for (const id of [kept, large, young]) assert.equal(blobIdOf(await next.get(id)), id);
        for (const id of [garbage, oldLarge]) await assert.rejects(next.get(id), refusedAs('not-found'));
        await next.close();
      }
    }));

  it('is not misled by a workspace file with the bytes of a tree node', () =>
    inScratch(async (folder) => {
      const first = await openBlobStore(folder);
      const inner = await first.put(bytesOf('inner'));
      const node = await first.putTree(new Map([[relPath('x'), fileNode(inner)]]));
      const copy = await first.put(await first.get(node as string as BlobId));
      const tree = await first.putTree(
        new Map([
          [relPath('a'), fileNode(copy)],
          [relPath('b/x'), fileNode(inner)],
        ]),
      );
      await first.put(randomBytes(100_000));
      await first.close();
      const store = await openBlobStore(folder);
      await store.sweep({ blobs: [], trees: [tree] });
      same(await store.get(inner), bytesOf('inner'));
      await store.close();
    }));

  it('joins the small packs of many openings', () =>
    inScratch(async (folder) => {
      const ids: BlobId[] = [];
      for (let i = 0; i < 5; i++) {
        const store = await openBlobStore(folder);
        ids.push(await store.put(bytesOf(`opening ${i}`)));
        await store.close();
      }
      assert.equal((await packsIn(folder)).length, 5);
      const store = await openBlobStore(folder);
      await store.sweep({ blobs: ids, trees: [] });
      assert.equal((await packsIn(folder)).length, 1);
      for (const id of ids) await store.get(id);
      await store.close();
    }));

  it('removes nothing when a root cannot be read', () =>
    inScratch(async (folder) => {
      const first = await openBlobStore(folder);
      const id = await first.put(bytesOf('still here'));
      await first.close();
      const store = await openBlobStore(folder);
      const missing = (await store.putTree(new Map())).replace(/^./, '0') as Awaited<ReturnType<BlobStore['putTree']>>;
      await assert.rejects(store.sweep({ blobs: [], trees: [missing] }));
      same(await store.get(id), bytesOf('still here'));
      await store.close();
    }));
});
