import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { mintId } from '../../../src/shared/ids.ts';
import type { LedgerEntry } from '../../../src/core/storage.ts';
import { fileLedger } from '../../../src/host/ledger.ts';
import { makeStorageRoot, storageRoot } from '../../../src/host/storageRoot.ts';
import { inScratch } from './scratch.ts';

describe('the ledger', () => {
  it('keeps an entry from before the request until deletion is confirmed', () =>
    inScratch(async (storage) => {
      const root = storageRoot(storage);
      await makeStorageRoot(root);
      const entry: LedgerEntry = {
        key: '../odd/key',
        provider: 'process',
        intent: { session: mintId('session'), key: '../odd/key' },
        openedAt: 5,
      };
      await fileLedger(root).open(entry);
      assert.deepEqual(await fileLedger(root).list(), [entry]);
      const state = { provider: 'process', version: 1, data: { pid: 3 } };
      await fileLedger(root).update(entry.key, state);
      assert.deepEqual(await fileLedger(root).list(), [{ ...entry, state }]);
      await fileLedger(root).close(entry.key);
      await fileLedger(root).close(entry.key);
      assert.deepEqual(await fileLedger(root).list(), []);
      await assert.rejects(fileLedger(root).update(entry.key, state), /no entry/);
    }));

  it('passes over what it cannot read and leaves it there', () =>
    inScratch(async (storage) => {
      const root = storageRoot(storage);
      await makeStorageRoot(root);
      await writeFile(join(root.ledger, 'aa.json'), '{"schema":2,"key":"newer"}');
      await writeFile(join(root.ledger, 'bb.json'), 'torn');
      assert.deepEqual(await fileLedger(root).list(), []);
      assert.deepEqual((await readdir(root.ledger)).sort(), ['aa.json', 'bb.json']);
    }));
});
