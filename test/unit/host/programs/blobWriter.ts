// Stores and flushes blobs, prints their ids as one JSON line, then goes on storing without an end.
import { openBlobStore } from '../../../../src/host/blobs/blobStore.ts';

const store = await openBlobStore(process.argv[2] ?? '');
const ids: string[] = [];
for (let i = 0; i < 500; i++) ids.push(await store.put(Buffer.from(`flushed ${i}`)));
ids.push(await store.put(Buffer.alloc(5 * 1024 * 1024, 7)));
await store.flush();
process.stdout.write(`${JSON.stringify(ids)}\n`);
for (let i = 0; ; i++) {
  await store.put(Buffer.from(`not flushed ${i} ${'x'.repeat(10_000)}`));
  if (i % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
}
