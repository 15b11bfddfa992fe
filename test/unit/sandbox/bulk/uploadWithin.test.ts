import assert from 'node:assert/strict';
import { chmodSync, lchownSync } from 'node:fs';
import { join } from 'node:path';
import { relPath } from '../../../../src/core/paths.ts';
import type { UploadOptions } from '../../../../src/core/sandbox.ts';
import { uploadByExec } from '../../../../src/sandbox/bulk/index.ts';
import { plant, withEachToolSet } from '../../../support/bulkTools.ts';
import { tarOf, type TarEntry } from '../../../support/tarOf.ts';
import { treeOnDisk } from '../../../support/treeOnDisk.ts';

describe('uploading by exec', () => {
  withEachToolSet((bench) => {
    describe('where nothing can be made beside the root', () => {
      const within = async (
        entries: Record<string, TarEntry>,
        mode: UploadOptions['mode'],
        deletions: string[] = [],
      ) => {
        const somebody = process.getuid?.() === 0 ? 65534 : undefined;
        if (somebody !== undefined) chownAll(bench().root, somebody);
        chmodSync(bench().folder, 0o755);
        chmodSync(bench().parent, 0o555);
        const options = { root: bench().root, mode, signal: new AbortController().signal };
        try {
          return await uploadByExec(
            (request) => bench().exec(request, somebody),
            tarOf(Object.entries(entries)),
            deletions.map(relPath),
            options,
          );
        } finally {
          chmodSync(bench().parent, 0o755);
        }
      };

      it('replaces and merges all the same', async () => {
        plant(bench(), { old: 'gone', '.hidden': 'gone', 'deep/er': 'gone' });
        assert.deepEqual(await within({ a: '1', '.b': '2', 'c/d': '3' }, 'replace'), { kind: 'committed' });
        assert.deepEqual(Object.keys(treeOnDisk(bench().root)), ['.b', 'a', 'c', 'c/d']);
        assert.deepEqual(await within({ a: 'x', 'c/e': '4' }, 'merge', ['.b']), { kind: 'committed' });
        assert.deepEqual(Object.keys(treeOnDisk(bench().root)), ['a', 'c', 'c/d', 'c/e']);
        assert.deepEqual(await within({}, 'replace'), { kind: 'committed' });
        assert.deepEqual(treeOnDisk(bench().root), {});
      });

      it('heals a replace that was killed in the middle', async () => {
        plant(bench(), {
          'moved/new': 'n',
          '.airlock-stage-op-1/old/moved/mine': 'm',
          '.airlock-stage-op-1/tree/rest': 'r',
        });
        assert.deepEqual(await within({ a: '1' }, 'merge'), { kind: 'committed' });
        assert.deepEqual(Object.keys(treeOnDisk(bench().root)), ['a', 'moved', 'moved/mine']);
      });
    });
  });
});

function chownAll(folder: string, owner: number): void {
  lchownSync(folder, owner, owner);
  for (const path of Object.keys(treeOnDisk(folder))) lchownSync(join(folder, path), owner, owner);
}
