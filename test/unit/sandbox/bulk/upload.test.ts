import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { relPath } from '../../../../src/core/paths.ts';
import type { UploadOptions } from '../../../../src/core/sandbox.ts';
import { uploadByExec } from '../../../../src/sandbox/bulk/index.ts';
import { plant, withEachToolSet } from '../../../support/bulkTools.ts';
import { awkwardNames, tarOf, type TarEntry } from '../../../support/tarOf.ts';
import { treeOnDisk } from '../../../support/treeOnDisk.ts';

describe('uploading by exec', () => {
  withEachToolSet((bench) => {
    const upload = (
      entries: Record<string, TarEntry>,
      mode: UploadOptions['mode'],
      deletions: string[] = [],
      tar: AsyncIterable<Uint8Array> = tarOf(Object.entries(entries)),
    ) => {
      const options = { root: bench().root, mode, signal: new AbortController().signal };
      return uploadByExec(bench().exec, tar, deletions.map(relPath), options);
    };

    it('replaces the whole root byte for byte', async () => {
      plant(bench(), { 'old/file': 'gone', kept: 'gone too' });
      const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
      const answer = await upload(
        {
          'a/b/all-bytes': bytes,
          'run.sh': { bytes: '#!', mode: 0o755 },
          secret: { bytes: 's', mode: 0o600 },
          empty: { folder: true },
          zero: '',
          link: { link: 'a/b' },
        },
        'replace',
      );
      assert.deepEqual(answer, { kind: 'committed' });
      assert.deepEqual(treeOnDisk(bench().root), {
        a: 'd',
        'a/b': 'd',
        'a/b/all-bytes': `f 644 ${Buffer.from(bytes).toString('latin1')}`,
        empty: 'd',
        link: 'l a/b',
        'run.sh': 'f 755 #!',
        secret: 'f 600 s',
        zero: 'f 644 ',
      });
      assert.deepEqual(readdirSync(bench().parent), ['my project']);
    });

    for (const mode of ['replace', 'merge'] as const) {
      it(`keeps every awkward name in mode ${mode}`, async () => {
        const flat = Object.fromEntries(
          awkwardNames.flatMap((name) => [
            [name, name],
            [`in/${name}/deep`, name],
          ]),
        );
        assert.deepEqual(await upload(flat, mode), { kind: 'committed' });
        for (const [name, content] of Object.entries(flat)) {
          assert.equal(readFileSync(join(bench().root, name), 'utf8'), content);
        }
      });
    }

    it('merges over what is there and deletes what was asked for', async () => {
      plant(bench(), { 'src/a': 'old', 'src/b': 'stays', 'gone/x/y': 'bye', 'gone/x/z': 'bye', 'kept/mine': 'guest' });
      const answer = await upload({ 'src/a': 'new', 'fresh/deep/file': 'f', hollow: { folder: true } }, 'merge', [
        'gone/x/y',
        'gone/x',
        'gone/x/z',
        'kept',
        'never/was',
      ]);
      assert.deepEqual(answer, { kind: 'committed' });
      const tree = treeOnDisk(bench().root);
      assert.equal(tree['src/a'], 'f 644 new');
      assert.equal(tree['src/b'], 'f 644 stays');
      assert.equal(tree['fresh/deep/file'], 'f 644 f');
      assert.equal(tree['hollow'], 'd');
      assert.equal(tree['gone'], 'd');
      assert.equal(tree['gone/x'], undefined);
      assert.equal(tree['kept/mine'], 'f 644 guest');
      assert.deepEqual(readdirSync(bench().parent), ['my project']);
    });

    it('replaces a planted link instead of writing through it', async () => {
      const outside = join(bench().folder, 'outside');
      writeFileSync(outside, 'untouched');
      plant(bench(), {});
      symlinkSync(outside, join(bench().root, 'config'));
      symlinkSync(dirname(outside), join(bench().root, 'folder'));
      assert.deepEqual(await upload({ config: 'ours', folder: 'now a file' }, 'merge'), { kind: 'committed' });
      assert.equal(readFileSync(outside, 'utf8'), 'untouched');
      assert.equal(lstatSync(join(bench().root, 'config')).isFile(), true);
      assert.equal(readFileSync(join(bench().root, 'folder'), 'utf8'), 'now a file');
    });

    it('refuses to write below a planted link and changes nothing', async () => {
      const outside = join(bench().folder, 'outside');
      mkdirSync(outside);
      plant(bench(), { a: 'old' });
      symlinkSync(outside, join(bench().root, 'src'));
      const answer = await upload({ a: 'new', 'src/evil': 'x' }, 'merge');
      assert.equal(answer.kind, 'not-committed');
      assert.deepEqual(readdirSync(outside), []);
      assert.equal(readFileSync(join(bench().root, 'a'), 'utf8'), 'old');
      assert.deepEqual(readdirSync(bench().parent), ['my project']);
    });

    it('takes a folder where the link in its place is deleted by the same upload', async () => {
      plant(bench(), {});
      symlinkSync('elsewhere', join(bench().root, 'src'));
      assert.deepEqual(await upload({ 'src/a': 'x' }, 'merge', ['src']), { kind: 'committed' });
      assert.deepEqual(treeOnDisk(bench().root), { src: 'd', 'src/a': 'f 644 x' });
    });

    it('never deletes through a link', async () => {
      const outside = join(bench().folder, 'outside');
      mkdirSync(outside);
      writeFileSync(join(outside, 'precious'), 'p');
      plant(bench(), { real: 'r' });
      symlinkSync(outside, join(bench().root, 'src'));
      assert.deepEqual(await upload({}, 'merge', ['src/precious', 'real']), { kind: 'committed' });
      assert.equal(existsSync(join(outside, 'precious')), true);
      assert.deepEqual(treeOnDisk(bench().root), { src: `l ${outside}` });
      assert.deepEqual(await upload({}, 'merge', ['src']), { kind: 'committed' });
      assert.equal(existsSync(join(outside, 'precious')), true);
      assert.deepEqual(treeOnDisk(bench().root), {});
    });

    it('replaces a root that is itself a link without touching what it points to', async () => {
      const outside = join(bench().folder, 'outside');
      mkdirSync(outside);
      writeFileSync(join(outside, 'precious'), 'p');
      symlinkSync(outside, bench().root);
      assert.equal((await upload({ a: 'x' }, 'merge')).kind, 'not-committed');
      assert.deepEqual(await upload({ a: 'x' }, 'replace'), { kind: 'committed' });
      assert.deepEqual(readdirSync(outside), ['precious']);
      assert.deepEqual(treeOnDisk(bench().root), { a: 'f 644 x' });
    });

    it('removes an old tree with folders that cannot be read', async () => {
      plant(bench(), { 'locked/in/file': 'x' });
      chmodSync(join(bench().root, 'locked'), 0);
      assert.deepEqual(await upload({ a: 'x' }, 'replace'), { kind: 'committed' });
      assert.deepEqual(readdirSync(bench().parent), ['my project']);
    });

    for (const mode of ['replace', 'merge'] as const) {
      it(`changes nothing when the tar of a ${mode} breaks off at a member's end`, async () => {
        plant(bench(), { a: 'old' });
        const parts: Uint8Array[] = [];
        for await (const bytes of tarOf([
          ['a', 'new'],
          ['b', 'new'],
        ]))
          parts.push(bytes);
        const cut = Buffer.concat(parts).subarray(0, 1024);
        const answer = await upload({}, mode, ['a'], chunks(cut, 100));
        assert.equal(answer.kind === 'not-committed' && answer.problem.id, 'bad-input');
        assert.deepEqual(treeOnDisk(bench().root), { a: 'f 644 old' });
        assert.deepEqual(readdirSync(bench().parent), ['my project']);
      });

      it(`changes nothing when a ${mode} is cancelled in the middle, even while the source hangs`, async () => {
        plant(bench(), { a: 'old' });
        const controller = new AbortController();
        const options: UploadOptions = {
          root: bench().root,
          mode,
          signal: controller.signal,
          onProgress: () => {
            controller.abort();
          },
        };
        const answer = await uploadByExec(bench().exec, hangingAfter(tarOf([['a', 'new']])), [relPath('a')], options);
        assert.equal(answer.kind === 'not-committed' && answer.problem.id, 'aborted');
        assert.deepEqual(treeOnDisk(bench().root), { a: 'f 644 old' });
        assert.deepEqual(readdirSync(bench().parent), ['my project']);
      });
    }

    it('heals a replace that was killed between its two renames', async () => {
      mkdirSync(join(bench().parent, '.my project.airlock-old-op-1'));
      writeFileSync(join(bench().parent, '.my project.airlock-old-op-1', 'work'), 'w');
      mkdirSync(join(bench().parent, '.my project.airlock-stage-op-1'));
      assert.deepEqual(await upload({ a: 'x' }, 'merge'), { kind: 'committed' });
      assert.deepEqual(treeOnDisk(bench().root), { a: 'f 644 x', work: 'f 644 w' });
      assert.deepEqual(readdirSync(bench().parent), ['my project']);
    });

    it('keeps what a killed replace had moved aside where the root was made anew meanwhile', async () => {
      plant(bench(), { anew: 'n' });
      const aside = join(bench().parent, '.my project.airlock-old-op-1');
      mkdirSync(aside);
      writeFileSync(join(aside, 'work'), 'w');
      mkdirSync(join(bench().parent, '.my project.airlock-spent-op-0'));
      assert.deepEqual(await upload({ a: 'x' }, 'merge'), { kind: 'committed' });
      assert.deepEqual(treeOnDisk(bench().root), { a: 'f 644 x', anew: 'f 644 n' });
      assert.deepEqual(treeOnDisk(aside), { work: 'f 644 w' });
      assert.deepEqual(readdirSync(bench().parent), ['.my project.airlock-old-op-1', 'my project']);
    });

    it('says what could not be started as not committed', async () => {
      const answer = await uploadByExec(
        (request) => bench().exec({ ...request, run: { argv: ['no-such-program'] } }),
        tarOf([]),
        [],
        { root: bench().root, mode: 'merge', signal: new AbortController().signal },
      );
      assert.equal(answer.kind === 'not-committed' && answer.problem.id, 'not-started');
    });
  });
});

function* pieces(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function* chunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (const piece of pieces(bytes, size)) yield await Promise.resolve(piece);
}

async function* hangingAfter(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const bytes of source) {
    yield bytes.subarray(0, 700);
    await new Promise(() => undefined);
  }
}
