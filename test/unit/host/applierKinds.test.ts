import assert from 'node:assert/strict';
import { rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { relPath, type RelPath } from '../../../src/core/paths.ts';
import { diffTrees } from '../../../src/core/sync/tree.ts';
import type { Node, Tree } from '../../../src/core/sync/types.ts';
import { assertNoScratchFiles, edit, onBench, snapshot, type Bench } from './applying.ts';

type Files = Readonly<Record<string, string>>;
type Writes = Readonly<Record<string, Node | 'absent'>>;

const whys = (skipped: readonly { path: string; why: string }[]) =>
  Object.fromEntries(skipped.map(({ path, why }) => [path, why]));

/** Stands for the end of the process at one point: what is on disk stays as it is. */
class Crash extends Error {}

/** Ends an act at the given point and lets the next start settle it; false where the act ended before. */
async function endedAt(bench: Bench, point: number, what: 'apply' | 'undo', writes: Writes = {}): Promise<boolean> {
  let points = 0;
  const applier = bench.again(() => {
    points += 1;
    if (points === point) throw new Crash();
  });
  const plan = await bench.plan(writes);
  const acting =
    what === 'apply'
      ? applier.apply(plan, bench.blobs, new AbortController().signal)
      : applier.undo(bench.blobs, new Set());
  const crashed = await acting.then(
    () => false,
    (error: unknown) => {
      assert.ok(error instanceof Crash);
      return true;
    },
  );
  await bench.again().recover(bench.blobs);
  await assertNoScratchFiles(bench);
  return crashed;
}

/** Repeats until the act ended before the point came; begun, two points for each of three files, committed. */
async function atEveryPoint(crashesAt: (point: number) => Promise<boolean>): Promise<void> {
  let points = 0;
  while (await crashesAt(points + 1)) points += 1;
  assert.equal(points, 8);
}

async function fileToFolder(bench: Bench): Promise<Writes> {
  return { a: 'absent', 'a/b': await bench.file('inside'), 'a/x/y/c': await bench.file('deep') };
}

async function folderToFile(bench: Bench): Promise<Writes> {
  return { 'a/b': 'absent', 'a/x/y/c': 'absent', a: await bench.file('file') };
}

const asFile = { a: '644 file' };
const asFolder = { a: 'folder', 'a/b': '644 inside', 'a/x': 'folder', 'a/x/y': 'folder', 'a/x/y/c': '644 deep' };
const kinds = [
  ['a file by a folder', { a: 'file' }, fileToFolder, asFile, asFolder],
  ['a folder by a file', { 'a/b': 'inside', 'a/x/y/c': 'deep' }, folderToFile, asFolder, asFile],
] as const;

describe('an apply that replaces', function () {
  this.timeout(240_000);

  for (const [what, files, writes, before, after] of kinds) {
    it(`${what} is done whole, and taken back whole`, () =>
      onBench(files, async (bench) => {
        const result = await bench.apply(await writes(bench));
        assert.deepEqual([result.applied.length, result.skipped], [3, []]);
        assert.deepEqual(await snapshot(bench.root), after);
        assert.deepEqual(await bench.again().changedSince(), []);
        const undone = await bench.again().undo(bench.blobs, new Set());
        assert.deepEqual([undone.applied.length, undone.skipped], [3, []]);
        assert.deepEqual(await snapshot(bench.root), before);
        assert.equal(await bench.again().lastUndoable(), undefined);
      }));

    it(`${what} is whole or not at all wherever it ends, and so is its undo`, async () => {
      await atEveryPoint((point) =>
        onBench(files, async (bench) => {
          const crashed = await endedAt(bench, point, 'apply', await writes(bench));
          const done = (await bench.again().lastUndoable()) !== undefined;
          assert.deepEqual(await snapshot(bench.root), done ? after : before, `apply ended at ${point}`);
          return crashed;
        }),
      );
      await atEveryPoint((point) =>
        onBench(files, async (bench) => {
          await bench.apply(await writes(bench));
          const crashed = await endedAt(bench, point, 'undo');
          const undone = (await bench.again().lastUndoable()) === undefined;
          assert.deepEqual(await snapshot(bench.root), undone ? before : after, `undo ended at ${point}`);
          return crashed;
        }),
      );
    });
  }

  it('a folder is taken back where it ended with neither in place', () =>
    onBench({ 'a/b': 'inside' }, async (bench) => {
      const plan = await bench.plan({ 'a/b': 'absent', a: await bench.file('file') });
      const applier = bench.again((point) => {
        if (point.at === 'noted') throw new Crash();
      });
      await assert.rejects(applier.apply(plan, bench.blobs, new AbortController().signal), Crash);
      await rmdir(join(bench.root, 'a'));
      const result = await bench.again().recover(bench.blobs);
      for (const { why } of result?.skipped ?? assert.fail()) assert.match(why, /as it was before/);
      assert.deepEqual(await snapshot(bench.root), { a: 'folder', 'a/b': '644 inside' });
    }));

  it('an empty folder by a file or a link is taken back, also where that was edited', () =>
    onBench({ empty: null, other: null, target: 't' }, async (bench) => {
      const before = await snapshot(bench.root);
      const link: Node = { t: 'link', target: 'target' };
      const result = await bench.apply({ empty: await bench.file('now a file'), other: link });
      assert.deepEqual(result.skipped, []);
      assert.deepEqual(await snapshot(bench.root), {
        empty: '644 now a file',
        other: '-> target',
        target: '644 t',
      });
      await edit(bench, 'empty', 'edited');
      assert.deepEqual((await bench.again().undo(bench.blobs, new Set())).applied, ['other']);
      assert.deepEqual((await bench.again().undo(bench.blobs, new Set([relPath('empty')]))).skipped, []);
      assert.deepEqual(await snapshot(bench.root), before);
    }));

  it('a folder with something else in it does nothing in it, and says what that is', () =>
    onBench({ 'a/b': 'b', 'a/x/mine.env': 'mine', other: 'o' }, async (bench) => {
      const result = await bench.apply({
        'a/b': 'absent',
        a: await bench.file('file'),
        other: await bench.file('taken'),
      });
      assert.deepEqual(result.applied, ['other']);
      assert.match(whys(result.skipped)['a'] ?? '', /a\/x\/mine\.env/);
      assert.deepEqual(Object.keys(whys(result.skipped)).sort(), ['a', 'a/b']);
      assert.deepEqual(await snapshot(bench.root), {
        a: 'folder',
        'a/b': '644 b',
        'a/x': 'folder',
        'a/x/mine.env': '644 mine',
        other: '644 taken',
      });
    }));
});

describe('an undo of a file that became a folder', function () {
  this.timeout(240_000);

  it('waits until nothing of the person is in that folder', () =>
    onBench({ a: 'file' }, async (bench) => {
      await bench.apply(await fileToFolder(bench));
      await writeFile(join(bench.root, 'a/x/mine'), 'mine');
      const first = await bench.again().undo(bench.blobs, new Set());
      assert.deepEqual([first.applied, first.skipped.length], [[], 3]);
      assert.match(whys(first.skipped)['a'] ?? '', /a\/x\/mine/);
      assert.deepEqual(await snapshot(bench.root), { ...asFolder, 'a/x/mine': '644 mine' });
      await rm(join(bench.root, 'a/x/mine'));
      assert.deepEqual((await bench.again().undo(bench.blobs, new Set())).skipped, []);
      assert.deepEqual(await snapshot(bench.root), asFile);
    }));

  it('leaves the folder where a file in it was edited since, unless told to overwrite', () =>
    onBench({ a: 'file' }, async (bench) => {
      await bench.apply(await fileToFolder(bench));
      await edit(bench, 'a/b', 'edited');
      assert.deepEqual(await bench.again().changedSince(), ['a/b']);
      assert.deepEqual((await bench.again().undo(bench.blobs, new Set())).applied, []);
      assert.deepEqual(await snapshot(bench.root), { ...asFolder, 'a/b': '644 edited' });
      assert.deepEqual((await bench.again().undo(bench.blobs, new Set([relPath('a/b')]))).skipped, []);
      assert.deepEqual(await snapshot(bench.root), asFile);
    }));
});

const content = fc.constantFrom('1\n', '2\n');
/** Files of a project, in which no file is another one's folder. */
const project = fc
  .uniqueArray(fc.tuple(fc.constantFrom('a', 'a/b', 'a/b/c', 'a/d', 'e', 'e/f'), content), {
    selector: ([path]) => path,
  })
  .map((all) => all.filter(([path]) => !all.some(([other]) => path.startsWith(`${other}/`))))
  .map((all): Files => Object.fromEntries(all));

describe('applies between any two projects', function () {
  this.timeout(300_000);

  const treeOf = async (bench: Bench, files: Files): Promise<Tree> => {
    const nodes = Object.entries(files).map(async ([path, text]) => [relPath(path), await bench.file(text)] as const);
    return new Map<RelPath, Node>(await Promise.all(nodes));
  };
  const filesIn = async (bench: Bench) =>
    Object.fromEntries(Object.entries(await snapshot(bench.root)).filter(([, what]) => what !== 'folder'));
  const shown = (files: Files) =>
    Object.fromEntries(Object.entries(files).map(([path, text]) => [path, `644 ${text}`]));

  it('give the one, and their undo the other, wherever they end', () =>
    fc.assert(
      fc.asyncProperty(project, project, fc.nat(12), fc.nat(12), (from, to, applyEnds, undoEnds) =>
        onBench(from, async (bench) => {
          const first = await snapshot(bench.root);
          const writes = Object.fromEntries(diffTrees(await treeOf(bench, from), await treeOf(bench, to)));
          if (Object.keys(writes).length === 0) return;
          await endedAt(bench, applyEnds, 'apply', writes);
          const done = (await bench.again().lastUndoable()) !== undefined;
          assert.deepEqual(await filesIn(bench), shown(done ? to : from));
          if (!done) return;
          await endedAt(bench, undoEnds, 'undo');
          if ((await bench.again().lastUndoable()) === undefined) assert.deepEqual(await snapshot(bench.root), first);
          else assert.deepEqual(await filesIn(bench), shown(to));
        }),
      ),
      { numRuns: 60 },
    ));
});
