import assert from 'node:assert/strict';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobId } from '../../../../src/core/sync/types.ts';
import { blobIdOf } from '../../../../src/host/blobs/hash.ts';
import { Packs } from '../../../../src/host/blobs/packs.ts';
import { inScratch } from '../scratch.ts';
import { bytesOf } from './content.ts';

type Methods = Pick<FileHandle, 'appendFile' | 'datasync'>;

/** Runs `act` with the methods of open files that `change` makes of the real ones. */
async function withFiles(folder: string, change: (real: Methods) => Partial<Methods>, act: () => Promise<void>) {
  const handle = await open(join(folder, 'any'), 'w');
  await handle.close();
  const methods = Object.getPrototypeOf(handle) as Methods;
  const { appendFile, datasync } = methods;
  Object.assign(methods, change({ appendFile, datasync }));
  try {
    await act();
  } finally {
    Object.assign(methods, { appendFile, datasync });
  }
}

const batch = (text: string): ReadonlyMap<BlobId, Uint8Array> => new Map([[blobIdOf(bytesOf(text)), bytesOf(text)]]);

describe('packs', () => {
  it('sync what was appended before an append failed, and fail where that fails', () =>
    inScratch(async (folder) => {
      const packs = await Packs.open(folder);
      await packs.append(batch('before'));
      const full = () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }));
      await withFiles(
        folder,
        () => ({ appendFile: full }),
        async () => {
          await assert.rejects(packs.append(batch('lost')), /full/);
        },
      );
      await packs.append(batch('after'));
      await withFiles(
        folder,
        () => ({ datasync: full }),
        () => assert.rejects(packs.sync(), /full/),
      );
      const synced = new Set<number>();
      const noting = ({ datasync }: Methods) => ({
        async datasync(this: FileHandle) {
          synced.add(this.fd);
          await datasync.call(this);
        },
      });
      await withFiles(folder, noting, () => packs.sync());
      assert.equal(synced.size, 2);
      await withFiles(
        folder,
        () => ({ datasync: full }),
        () => packs.sync(),
      );
      await packs.close();
      const again = await Packs.open(folder);
      for (const text of ['before', 'after']) assert.ok(again.has(blobIdOf(bytesOf(text))));
      await again.close();
    }));
});
