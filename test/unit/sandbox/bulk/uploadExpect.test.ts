import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { relPath } from '../../../../src/core/paths.ts';
import type { Expected, Upload } from '../../../../src/core/sandbox.ts';
import { uploadByExec } from '../../../../src/sandbox/bulk/index.ts';
import { plant, withEachToolSet } from '../../../support/bulkTools.ts';
import { awkwardNames, tarOf } from '../../../support/tarOf.ts';
import { treeOnDisk } from '../../../support/treeOnDisk.ts';

const file = (content: string): Expected => ({ file: createHash('sha256').update(content).digest('hex') });

describe('merging over what is believed to stand inside', () => {
  withEachToolSet((bench) => {
    const merge = (
      entries: Record<string, string>,
      expect: Record<string, Expected>,
      deletions: string[] = [],
    ): Promise<Upload> =>
      uploadByExec(bench().exec, tarOf(Object.entries(entries)), deletions.map(relPath), {
        root: bench().root,
        mode: 'merge',
        signal: new AbortController().signal,
        expect: new Map(Object.entries(expect).map(([path, side]) => [relPath(path), side])),
      });
    const refused = async (answer: Promise<Upload>) => {
      const upload = await answer;
      assert.equal(upload.kind === 'not-committed' && upload.problem.id, 'changed-inside');
      assert.deepEqual(readdirSync(bench().parent), ['my project']);
    };

    it('puts everything in place where all is as it was', async () => {
      plant(bench(), { a: 'old', gone: 'g' });
      symlinkSync('a', join(bench().root, 'link'));
      mkdirSync(join(bench().root, 'hollow'));
      const expect: Record<string, Expected> = {
        a: file('old'),
        gone: file('g'),
        fresh: 'absent',
        link: { link: 'a' },
        hollow: 'dir',
      };
      assert.deepEqual(await merge({ a: 'new', fresh: 'f' }, expect, ['gone']), { kind: 'committed' });
      assert.deepEqual(treeOnDisk(bench().root), { a: 'f 644 new', fresh: 'f 644 f', hollow: 'd', link: 'l a' });
    });

    it('knows awkward names', async () => {
      plant(bench(), Object.fromEntries(awkwardNames.map((name) => [name, 'old'])));
      const entries = Object.fromEntries(awkwardNames.map((name) => [name, 'new']));
      const expect = Object.fromEntries(awkwardNames.map((name) => [name, file('old')]));
      assert.deepEqual(await merge(entries, expect), { kind: 'committed' });
      await refused(merge(entries, expect));
    });

    it('changes nothing where a file to be replaced is another one', async () => {
      plant(bench(), { a: 'edited inside', b: 'old' });
      await refused(merge({ a: 'new', b: 'new' }, { a: file('old'), b: file('old') }));
      assert.deepEqual(treeOnDisk(bench().root), { a: 'f 644 edited inside', b: 'f 644 old' });
    });

    it('changes nothing where a file to be deleted is another one', async () => {
      plant(bench(), { a: 'edited inside' });
      await refused(merge({}, { a: file('old') }, ['a']));
      assert.deepEqual(treeOnDisk(bench().root), { a: 'f 644 edited inside' });
    });

    for (const [what, make] of [
      ['a file', (path: string) => writeFileSync(path, 'made inside')],
      ['a folder', (path: string) => mkdirSync(path)],
      ['a link', (path: string) => symlinkSync('nowhere', path)],
    ] as const) {
      it(`changes nothing where ${what} stands now and nothing stood before`, async () => {
        plant(bench(), {});
        make(join(bench().root, 'a'));
        const before = treeOnDisk(bench().root);
        await refused(merge({ a: 'new' }, { a: 'absent' }));
        assert.deepEqual(treeOnDisk(bench().root), before);
      });
    }

    it('changes nothing where a link leads elsewhere now, or a file became one', async () => {
      plant(bench(), { target: 'old' });
      symlinkSync('target', join(bench().root, 'a'));
      await refused(merge({ a: 'new' }, { a: { link: 'other' } }));
      await refused(merge({ a: 'new' }, { a: file('old') }));
    });
  });
});
