import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { appendFile, readFile, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import type { BlobId } from '../../../../src/core/sync/types.ts';
import { openBlobStore } from '../../../../src/host/blobs/blobStore.ts';
import { blobIdOf } from '../../../../src/host/blobs/hash.ts';
import { maxPackedBytes } from '../../../../src/host/blobs/packFormat.ts';
import { startProgram } from '../child.ts';
import { inScratch } from '../scratch.ts';
import { bytesOf, chunks, packsIn, refusedAs, same, streamed } from './content.ts';

describe('the store of content', function () {
  this.timeout(240_000);

  it('gives back the bytes that were put, before and after a flush and in the next opening', () =>
    inScratch(async (folder) => {
      const contents = [Buffer.alloc(0), bytesOf('a'), randomBytes(70_000), randomBytes(maxPackedBytes + 1)];
      const store = await openBlobStore(folder);
      const ids = [];
      for (const bytes of contents) ids.push(await store.put(bytes));
      assert.deepEqual(ids, contents.map(blobIdOf));
      for (const round of [store, undefined]) {
        const from = round ?? (await openBlobStore(folder));
        for (const [index, bytes] of contents.entries()) {
          const id = ids[index] ?? assert.fail();
          assert.ok(await from.has(id));
          same(await from.get(id), bytes);
          same(await streamed(from, id), bytes);
        }
        await from.close();
      }
    }));

  it('streams in small and large content, and keeps nothing of what is over the limit', () =>
    inScratch(async (folder) => {
      const store = await openBlobStore(folder);
      for (const size of [0, 10, maxPackedBytes, maxPackedBytes + 1, 3 * maxPackedBytes]) {
        const bytes = randomBytes(size);
        const stored = await store.putStream(chunks(bytes, 65_536), size);
        assert.deepEqual(stored, { blob: blobIdOf(bytes), size });
        same(await streamed(store, stored.blob), bytes);
      }
      const before = await store.size();
      for (const limit of [5, maxPackedBytes + 5]) {
        const bytes = randomBytes(limit + 1);
        await assert.rejects(store.putStream(chunks(bytes, 65_536), limit), refusedAs('limit'));
        assert.equal(await store.has(blobIdOf(bytes)), false);
      }
      assert.equal(await store.size(), before);
      await store.close();
    }));

  it('costs nothing for the same bytes twice', () =>
    inScratch(async (folder) => {
      const store = await openBlobStore(folder);
      const [small, large] = [randomBytes(1000), randomBytes(maxPackedBytes + 10)];
      for (const bytes of [small, large]) await store.put(bytes);
      const before = await store.size();
      for (const bytes of [small, large]) await store.put(bytes);
      await store.putStream(chunks(large, 100_000), large.length);
      assert.equal(await store.size(), before);
      await store.close();
      const again = await openBlobStore(folder);
      const atOpening = await again.size();
      for (const bytes of [small, large]) await again.put(bytes);
      assert.equal(await again.size(), atOpening);
      await again.close();
    }));

  it('has what was flushed when the process is killed, and goes on', () =>
    inScratch(async (folder) => {
      const writer = startProgram('blobWriter.ts', folder);
      const flushed = JSON.parse(await writer.line()) as BlobId[];
      writer.child.kill('SIGKILL');
      await writer.ended;
      const store = await openBlobStore(folder);
      for (const id of flushed) assert.equal(blobIdOf(await store.get(id)), id);
      const next = await store.put(bytesOf('after the crash'));
      await store.close();
      const again = await openBlobStore(folder);
      same(await again.get(next), bytesOf('after the crash'));
      await again.close();
    }));

  it('keeps every whole record wherever a pack is torn', () =>
    inScratch(async (folder) => {
      const store = await openBlobStore(folder);
      const contents = [bytesOf('first'), bytesOf('second'), bytesOf('third')];
      for (const bytes of contents) await store.put(bytes);
      await store.close();
      const [name = ''] = await packsIn(folder);
      const path = join(folder, name);
      const whole = await readFile(path);
      await unlink(`${path}.idx`);
      for (let cut = whole.length; cut >= 0; cut--) {
        await truncate(path, cut);
        const torn = await openBlobStore(folder);
        for (const bytes of contents) {
          if (!(await torn.has(blobIdOf(bytes)))) continue;
          same(await torn.get(blobIdOf(bytes)), bytes);
        }
        const found = await Promise.all(contents.map((bytes) => torn.has(blobIdOf(bytes))));
        const expected = contents.map(
          (_, i) => cut >= 8 + contents.slice(0, i + 1).reduce((n, b) => n + 40 + b.length, 0),
        );
        assert.deepEqual(found, expected);
        await torn.close();
      }
    }));

  it('finds damage when it reads, and takes the content in anew', () =>
    inScratch(async (folder) => {
      const store = await openBlobStore(folder);
      const small = await store.put(bytesOf('precious content'));
      const bytes = randomBytes(maxPackedBytes + 1);
      const large = await store.put(bytes);
      await store.close();
      const [name = ''] = await packsIn(folder);
      for (const path of [join(folder, name), join(folder, 'large', large)]) {
        const content = await readFile(path);
        content[content.length - 3] = (content.at(-3) ?? 0) ^ 0xff;
        await writeFile(path, content);
      }
      const again = await openBlobStore(folder);
      for (const id of [small, large]) await assert.rejects(again.get(id), refusedAs('storage-failed'));
      await again.put(bytesOf('precious content'));
      await again.put(bytes);
      same(await again.get(small), bytesOf('precious content'));
      same(await again.get(large), bytes);
      await again.close();
    }));

  it('says not-found for what it never had', () =>
    inScratch(async (folder) => {
      const store = await openBlobStore(join(folder, 'none'));
      const id = blobIdOf(bytesOf('unknown'));
      assert.equal(await store.has(id), false);
      await assert.rejects(store.get(id), refusedAs('not-found'));
      await assert.rejects(streamed(store, id), refusedAs('not-found'));
    }));

  it('shows a reader elsewhere what the writer put since', () =>
    inScratch(async (folder) => {
      const [writer, reader] = [await openBlobStore(folder), await openBlobStore(folder)];
      for (const text of ['one', 'two']) {
        const id = await writer.put(bytesOf(text));
        await writer.flush();
        same(await reader.get(id), bytesOf(text));
      }
      await appendFile(join(folder, (await packsIn(folder))[0] ?? ''), 'torn');
      assert.equal(await reader.has(blobIdOf(bytesOf('three'))), false);
      await Promise.all([writer.close(), reader.close()]);
    }));

  it('takes nothing in beyond its limit', () =>
    inScratch(async (folder) => {
      const store = await openBlobStore(folder, { maxBytes: 100_000 });
      await store.put(randomBytes(60_000));
      await assert.rejects(store.put(randomBytes(60_000)), refusedAs('limit'));
      await assert.rejects(store.putStream(chunks(randomBytes(5_000_000), 65_536), 1e9), refusedAs('limit'));
      await store.put(randomBytes(10_000));
      await store.close();
    }));
});
