import assert from 'node:assert/strict';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { Node } from '../../../src/core/sync/types.ts';
import { openBlobStore } from '../../../src/host/blobs/blobStore.ts';
import { assertNoScratchFiles, edit, onBench, snapshot, type Bench } from './applying.ts';
import { startProgram } from './child.ts';

const files = { 'a.txt': 'old', 'gone.txt': 'g', 'run.sh': '#!' };

async function writes(bench: Bench): Promise<Record<string, Node | 'absent'>> {
  return {
    'a.txt': await bench.file('new content'),
    'gone.txt': 'absent',
    'run.sh': await bench.file('#!', true),
    'deep/new.txt': await bench.file('fresh'),
    'deep/link': { t: 'link', target: 'new.txt' },
  };
}

/** Runs the test program until it ends or kills itself. */
async function runUntil(bench: Bench, what: string, when: string): Promise<string | number> {
  return await startProgram('applies.ts', bench.scratch, what, when).ended;
}

/** A project with a stored plan, its two states, and a store that the killed program's writes are read from. */
async function prepared(bench: Bench) {
  const before = await snapshot(bench.root);
  const plan = await bench.plan(await writes(bench));
  await bench.blobs.flush();
  await writeFile(join(bench.scratch, 'plan.json'), JSON.stringify(plan));
  const after = {
    'a.txt': '644 new content',
    'run.sh': '755 #!',
    deep: 'folder',
    'deep/new.txt': '644 fresh',
    'deep/link': '-> new.txt',
  };
  return { before, after };
}

async function recovered(bench: Bench) {
  const blobs = await openBlobStore(join(bench.scratch, 'packs'));
  try {
    const result = await bench.again().recover(blobs);
    assert.equal(await bench.again().recover(blobs), undefined);
    await assertNoScratchFiles(bench);
    return result;
  } finally {
    await blobs.close();
  }
}

describe('an apply that is killed', function () {
  this.timeout(300_000);

  // begun, then placed and noted for each of the five steps, then committed.
  for (const when of ['torn', ...Array.from({ length: 12 }, (_, index) => String(index + 1))]) {
    it(`is whole or not at all: killed at ${when}`, () =>
      onBench(files, async (bench) => {
        const { before, after } = await prepared(bench);
        assert.equal(await runUntil(bench, 'apply', when), 'SIGKILL');
        const result = await recovered(bench);
        const done = Number(when) >= 10;
        assert.deepEqual(await snapshot(bench.root), done ? after : before);
        assert.equal(result?.applied.length, when === '12' ? undefined : done ? 5 : 0);
        assert.equal((await bench.again().lastUndoable())?.plan.steps.length, done ? 5 : undefined);
        if (done) await undone(bench);
        assert.deepEqual(await snapshot(bench.root), before);
      }));
  }

  for (const when of ['torn', '1', '3', '5']) {
    it(`can be killed again while it recovers: at ${when}`, () =>
      onBench(files, async (bench) => {
        const { before } = await prepared(bench);
        assert.equal(await runUntil(bench, 'apply', '7'), 'SIGKILL');
        assert.equal(await runUntil(bench, 'recover', when), 'SIGKILL');
        await recovered(bench);
        assert.deepEqual(await snapshot(bench.root), before);
      }));
  }

  for (const when of ['torn', '1', '4', '8', '12']) {
    it(`leaves an undo whole or not at all: killed at ${when}`, () =>
      onBench(files, async (bench) => {
        const { before, after } = await prepared(bench);
        assert.equal(await runUntil(bench, 'apply', 'never'), 0);
        assert.deepEqual(await snapshot(bench.root), after);
        assert.equal(await runUntil(bench, 'undo', when), 'SIGKILL');
        await recovered(bench);
        assert.deepEqual(await snapshot(bench.root), when === '12' ? before : after);
        assert.equal((await bench.again().lastUndoable()) === undefined, when === '12');
      }));
  }

  it('leaves alone and reports what a person changed between the crash and the recovery', () =>
    onBench(files, async (bench) => {
      const { before } = await prepared(bench);
      assert.equal(await runUntil(bench, 'apply', '8'), 'SIGKILL');
      await edit(bench, 'a.txt', 'mine since');
      const result = await recovered(bench);
      assert.deepEqual(await snapshot(bench.root), { ...before, 'a.txt': '644 mine since' });
      assert.match(result?.skipped.find(({ path }) => path === 'a.txt')?.why ?? '', /changed since/);
    }));
});

/** Undoes the last apply with a store opened after the kill. */
async function undone(bench: Bench): Promise<void> {
  const blobs = await openBlobStore(join(bench.scratch, 'packs'));
  await bench.again().undo(blobs, new Set());
  await blobs.close();
}

/** Stands for the end of the process at one point: what is on disk stays as it is. */
class Crash extends Error {}

const paths = ['a', 'b', 'd/a', 'd/b', 'd/e/c', 'f'];
const content = fc.constantFrom('1\n', '2\n', '1\n2\n3\n', '');
const state = fc.dictionary(fc.constantFrom(...paths), content, { noNullPrototype: true });
const wanted = fc.dictionary(fc.constantFrom(...paths), fc.option(content, { nil: 'absent' as const }), {
  noNullPrototype: true,
});

describe('applies of any kind', function () {
  this.timeout(300_000);

  it('lose nothing, wherever they end and whatever a person does meanwhile', () =>
    fc.assert(
      fc.asyncProperty(state, wanted, state, fc.nat(14), fc.nat(400), (before, wants, edits, crashAt, cut) =>
        onBench(before, async (bench) => {
          const nodes: Record<string, Node | 'absent'> = {};
          for (const [path, text] of Object.entries(wants)) {
            nodes[path] = text === 'absent' ? text : await bench.file(`written ${text}`);
          }
          const plan = await bench.plan(nodes);
          let points = 0;
          const applier = bench.again(() => {
            points += 1;
            if (points === crashAt) throw new Crash();
          });
          const crashed = await applier.apply(plan, bench.blobs, new AbortController().signal).then(
            () => false,
            (error: unknown) => {
              assert.ok(error instanceof Crash);
              return true;
            },
          );
          if (crashed) await tearJournal(bench, cut);
          for (const [path, text] of Object.entries(edits)) {
            if ((await bench.side(path)) !== 'absent') await edit(bench, path, `edited ${text}`);
          }
          const edited = await snapshot(bench.root);
          await bench.again().recover(bench.blobs);
          const now = await snapshot(bench.root);
          for (const path of paths) {
            const was = before[path] === undefined ? undefined : `644 ${before[path]}`;
            const want =
              typeof wants[path] !== 'string' || wants[path] === 'absent' ? undefined : `644 written ${wants[path]}`;
            if (edited[path]?.startsWith('644 edited') === true) assert.equal(now[path], edited[path]);
            else if (path in wants) assert.ok(now[path] === was || now[path] === want, `${path}: ${String(now[path])}`);
            else assert.equal(now[path], was);
          }
          await assertNoScratchFiles(bench);
        }),
      ),
      { numRuns: 30 },
    ));

  it('are undone to exactly what was there', () =>
    fc.assert(
      fc.asyncProperty(state, wanted, (before, wants) =>
        onBench(before, async (bench) => {
          const first = await snapshot(bench.root);
          const nodes: Record<string, Node | 'absent'> = {};
          for (const [path, text] of Object.entries(wants))
            nodes[path] = text === 'absent' ? text : await bench.file(text, true);
          const { applied } = await bench.apply(nodes);
          assert.equal(applied.length, Object.keys(wants).length);
          if (applied.length > 0) await bench.again().undo(bench.blobs, new Set());
          assert.deepEqual(await snapshot(bench.root), first);
        }),
      ),
      { numRuns: 20 },
    ));
});

/** A power cut may lose what was not synced: everything behind the first record, down to the byte. */
async function tearJournal(bench: Bench, cut: number): Promise<void> {
  const path = join(bench.scratch, 'journal.jsonl');
  const bytes = await readFile(path);
  const begun = bytes.indexOf(0x0a) + 1;
  await truncate(path, Math.max(begun, bytes.length - cut));
}
