import assert from 'node:assert/strict';
import { chmod, lstat, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { mintId } from '../../../src/shared/ids.ts';
import { relPath } from '../../../src/core/paths.ts';
import type { AirlockError } from '../../../src/core/problem.ts';
import { assertNoScratchFiles, contentOf, edit, onBench, snapshot } from './applying.ts';

const reasons = (skipped: readonly { path: string; why: string }[]) => skipped.map(({ path }) => path);
const never = new AbortController().signal;

describe('an apply', function () {
  this.timeout(240_000);

  it('writes, replaces, links and deletes, keeps modes, and says what it did', () =>
    onBench({ 'a.txt': 'old', 'run.sh': '#!', 'gone/x': 'x', 'empty/gone': null }, async (bench) => {
      await chmod(join(bench.root, 'a.txt'), 0o640);
      await chmod(join(bench.root, 'run.sh'), 0o744);
      const result = await bench.apply({
        'a.txt': await bench.file('new'),
        'run.sh': await bench.file('#!2', true),
        'deep/in/new.txt': await bench.file('fresh'),
        'deep/tool': await bench.file('tool', true),
        'deep/link': { t: 'link', target: '../a.txt' },
        folder: { t: 'dir' },
        'gone/x': 'absent',
        'empty/gone': 'absent',
      });
      assert.deepEqual([result.applied.length, result.skipped], [8, []]);
      assert.deepEqual(await snapshot(bench.root), {
        'a.txt': '640 new',
        'run.sh': '744 #!2',
        deep: 'folder',
        'deep/in': 'folder',
        'deep/in/new.txt': '644 fresh',
        'deep/tool': '755 tool',
        'deep/link': '-> ../a.txt',
        folder: 'folder',
        gone: 'folder',
        empty: 'folder',
      });
    }));

  it('changes the executable bits only where it is asked to', () =>
    onBench({ a: 'a', b: 'b' }, async (bench) => {
      await chmod(join(bench.root, 'a'), 0o640);
      await chmod(join(bench.root, 'b'), 0o751);
      await bench.apply({ a: await bench.file('a', true), b: await bench.file('b') });
      assert.deepEqual(await snapshot(bench.root), { a: '750 a', b: '640 b' });
    }));

  it('leaves alone what changed since the review, and takes the rest', () =>
    onBench({ a: 'a', b: 'b', d: 'd' }, async (bench) => {
      const plan = await bench.plan({
        a: await bench.file('A'),
        b: await bench.file('B'),
        c: await bench.file('C'),
        d: 'absent',
      });
      await edit(bench, 'a', 'mine');
      await edit(bench, 'c', 'mine too');
      await edit(bench, 'd', 'also mine');
      const result = await bench.applier.apply(plan, bench.blobs, never);
      assert.deepEqual([result.applied, reasons(result.skipped)], [['b'], ['a', 'c', 'd']]);
      assert.deepEqual(await snapshot(bench.root), {
        a: '644 mine',
        b: '644 B',
        c: '644 mine too',
        d: '644 also mine',
      });
    }));

  it('checks again right before each rename', () =>
    onBench({ a: 'a', b: 'b', c: 'c' }, async (bench) => {
      const plan = await bench.plan({ a: await bench.file('A'), b: await bench.file('B'), new: await bench.file('N') });
      const { writeFileSync } = await import('node:fs');
      const applier = bench.again(({ at }) => {
        if (at !== 'begun') return;
        writeFileSync(join(bench.root, 'b'), 'in the last moment');
        writeFileSync(join(bench.root, 'new'), 'in the last moment');
      });
      const result = await applier.apply(plan, bench.blobs, never);
      assert.deepEqual([result.applied, reasons(result.skipped)], [['a'], ['b', 'new']]);
      assert.equal(await contentOf(bench, 'b'), 'in the last moment');
      assert.equal(await contentOf(bench, 'new'), 'in the last moment');
      await assertNoScratchFiles(bench);
    }));

  it('never writes through a link, under a .git, or a link that leads out', () =>
    onBench({ 'real/a': 'a', '.git/config': 'c' }, async (bench) => {
      const outside = join(bench.scratch, 'outside');
      await mkdir(outside);
      await writeFile(join(outside, 'a'), 'safe');
      await symlink('../outside', join(bench.root, 'away'));
      await symlink('real', join(bench.root, 'alias'));
      const file = await bench.file('evil');
      const target = { away: '../outside/x', abs: '/etc/passwd', git: '.git/config', sub: 'sub/../../x' };
      const writes = { 'away/new': file, 'away/a': file, 'alias/a': file, 'alias/n': file, '.git/config': file };
      const odd = { '.GIT/hooks/x': file, 'sub/git~1/x': file, '.git./x': file, '.git': 'absent' as const };
      const links = Object.fromEntries(
        Object.entries(target).map(([name, to]) => [`l-${name}`, { t: 'link' as const, target: to }]),
      );
      const before = await snapshot(bench.root);
      const steps = Object.entries({ ...writes, ...odd, ...links }).map(([path, write]) => ({
        path: relPath(path),
        expect: 'absent' as const,
        write,
      }));
      const result = await bench.applier.apply({ set: mintId('change-set'), steps }, bench.blobs, never);
      assert.deepEqual([result.applied, result.skipped.length], [[], steps.length]);
      assert.deepEqual(await snapshot(bench.root), before);
      assert.equal(await readFile(join(outside, 'a'), 'utf8'), 'safe');
    }));

  it('does not follow a folder that becomes a link while it writes', () =>
    onBench({ 'd/a': 'a', first: 'f' }, async (bench) => {
      const outside = join(bench.scratch, 'outside');
      await mkdir(outside);
      const plan = await bench.plan({
        first: await bench.file('F'),
        'd/a': await bench.file('A'),
        'd/n': await bench.file('N'),
      });
      const fs = await import('node:fs');
      const applier = bench.again((point) => {
        if (point.at !== 'begun') return;
        fs.renameSync(join(bench.root, 'd'), join(bench.root, 'moved'));
        fs.symlinkSync('../outside', join(bench.root, 'd'));
      });
      const result = await applier.apply(plan, bench.blobs, never);
      assert.deepEqual([result.applied, reasons(result.skipped)], [['first'], ['d/a', 'd/n']]);
      assert.deepEqual(await snapshot(outside), {});
    }));

  it('removes a folder only when it is empty', () =>
    onBench({ 'full/x': 'x' }, async (bench) => {
      const result = await bench.apply({ full: 'absent' });
      assert.deepEqual([result.applied, reasons(result.skipped)], [[], ['full']]);
      assert.equal(await contentOf(bench, 'full/x'), 'x');
    }));

  it('turns a file into a folder', () =>
    onBench({ a: 'file' }, async (bench) => {
      const plan = await bench.plan({ a: 'absent', 'a/b': await bench.file('inside') });
      const result = await bench.applier.apply(plan, bench.blobs, never);
      assert.deepEqual([[...result.applied].sort(), result.skipped], [['a', 'a/b'], []]);
      assert.equal(await contentOf(bench, 'a/b'), 'inside');
    }));

  it('stops between files when it is told to, and what was done can be undone', () =>
    onBench({ a: 'a', b: 'b' }, async (bench) => {
      const plan = await bench.plan({ a: await bench.file('A'), b: await bench.file('B') });
      const stop = new AbortController();
      const applier = bench.again(({ at }) => {
        if (at === 'noted') stop.abort();
      });
      const result = await applier.apply(plan, bench.blobs, stop.signal);
      assert.deepEqual([result.applied, reasons(result.skipped)], [['a'], ['b']]);
      assert.deepEqual((await bench.again().undo(bench.blobs, new Set())).applied, ['a']);
      assert.deepEqual(await snapshot(bench.root), { a: '644 a', b: '644 b' });
    }));

  it('refuses a plan whose content is not stored, or that names a path twice', () =>
    onBench({ a: 'a' }, async (bench) => {
      const file = await bench.file('x');
      assert.ok(file.t === 'file');
      const unknown = { ...file, blob: file.blob.replace(/^./g, (c) => (c === '0' ? '1' : '0')) as typeof file.blob };
      const refusedAs = (id: string) => (error: AirlockError) => error.problem.id === id;
      await assert.rejects(bench.apply({ a: unknown }), refusedAs('not-found'));
      const { set, steps } = await bench.plan({ a: file });
      await assert.rejects(
        bench.applier.apply({ set, steps: [...steps, ...steps] }, bench.blobs, never),
        refusedAs('bad-input'),
      );
      assert.equal(await contentOf(bench, 'a'), 'a');
    }));
});

describe('an undo', function () {
  this.timeout(240_000);

  it('restores contents, modes, links and folders, also after a restart, one apply after the other', () =>
    onBench({ a: 'a', 'gone/x': 'x', large: Buffer.alloc(33 * 1024 * 1024, 7) }, async (bench) => {
      await chmod(join(bench.root, 'gone/x'), 0o750);
      await symlink('/absolute/of/mine', join(bench.root, 'link'));
      const first = await snapshot(bench.root);
      await bench.apply({
        a: await bench.file('A'),
        'gone/x': 'absent',
        link: 'absent',
        'new/deep/n': await bench.file('n'),
      });
      await rm(join(bench.root, 'gone'), { recursive: true });
      await bench.apply({ large: await bench.file('small'), a: await bench.file('AA', true) });
      const undone = [];
      for (let applier = bench.again(); (await applier.lastUndoable()) !== undefined; applier = bench.again()) {
        undone.push((await applier.undo(bench.blobs, new Set())).applied.length);
      }
      assert.deepEqual(undone, [2, 4]);
      assert.deepEqual(await snapshot(bench.root), first);
      await assert.rejects(bench.again().undo(bench.blobs, new Set()), /no apply to undo/);
    }));

  it('keeps later edits where they merge, leaves conflicts, and overwrites what it is told to', () =>
    onBench({ merges: '1\n2\n3\n4\n5\n', fights: 'a\n', forced: 'b\n', gone: 'g', same: 's' }, async (bench) => {
      await bench.apply({
        merges: await bench.file('ONE\n2\n3\n4\n5\n'),
        fights: await bench.file('A\n'),
        forced: await bench.file('B\n'),
        gone: await bench.file('G'),
        same: await bench.file('S'),
        added: await bench.file('new'),
      });
      await edit(bench, 'merges', 'ONE\n2\n3\n4\n5\nsix\n');
      await edit(bench, 'fights', 'mine\n');
      await edit(bench, 'forced', 'mine too\n');
      await edit(bench, 'added', 'edited');
      await rm(join(bench.root, 'gone'));
      const applier = bench.again();
      assert.deepEqual([...(await applier.changedSince())].sort(), ['added', 'fights', 'forced', 'gone', 'merges']);
      const result = await applier.undo(bench.blobs, new Set([relPath('forced')]));
      assert.deepEqual([...result.applied].sort(), ['forced', 'merges', 'same']);
      assert.deepEqual([...reasons(result.skipped)].sort(), ['added', 'fights', 'gone']);
      assert.deepEqual(await snapshot(bench.root), {
        merges: '644 1\n2\n3\n4\n5\nsix\n',
        fights: '644 mine\n',
        forced: '644 b\n',
        same: '644 s',
        added: '644 edited',
      });
      const rest = await bench.again().undo(bench.blobs, new Set(['added', 'fights', 'gone'].map(relPath)));
      assert.deepEqual(rest.skipped, []);
      assert.equal(await contentOf(bench, 'fights'), 'a\n');
      assert.equal(await contentOf(bench, 'gone'), 'g');
      await assert.rejects(lstat(join(bench.root, 'added')));
      assert.equal(await bench.again().lastUndoable(), undefined);
    }));
});
