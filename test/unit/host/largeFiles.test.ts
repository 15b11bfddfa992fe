import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { relPath } from '../../../src/core/paths.ts';
import { planApply } from '../../../src/core/sync/apply.ts';
import { maxHeldBytes } from '../../../src/core/sync/sizes.ts';
import type { ChangeSet, Node } from '../../../src/core/sync/types.ts';
import { compared } from '../core/sync/support/comparing.ts';
import { onBench, snapshot, type Bench } from './applying.ts';
import { opened } from './workspace.ts';

const path = relPath('big.bin');
const large = (fill: number) => Buffer.alloc(maxHeldBytes + 1024, fill);
const none = new Set<never>();

async function stored(bench: Bench, bytes: Buffer, exec = false): Promise<Node & { t: 'file' }> {
  return { t: 'file', blob: await bench.blobs.put(bytes), size: bytes.length, exec };
}

const compareWith = async (bench: Bench, base: Node, theirs: Node | 'absent'): Promise<ChangeSet> =>
  await compared(
    new Map([[path, base]]),
    theirs === 'absent' ? new Map() : new Map([[path, theirs]]),
    opened(bench.root),
    bench.blobs,
  );

async function taken(bench: Bench, set: ChangeSet) {
  assert.deepEqual(
    set.changes.map(({ blockedWhy }) => blockedWhy),
    [undefined],
  );
  const plan = planApply(set, { paths: new Set([path]), takeTheirs: none });
  const result = await bench.applier.apply(plan, bench.blobs, new AbortController().signal);
  assert.deepEqual(result, { applied: [path], skipped: [] });
  return set.changes[0]?.merge;
}

describe('a file that is too large to be held', function () {
  this.timeout(240_000);

  it('comes home rewritten, deleted or made a program, and back', () =>
    onBench({ [path]: large(1) }, async (bench) => {
      const base = await stored(bench, large(1));
      const before = await snapshot(bench.root);
      for (const theirs of [await bench.file('small'), 'absent' as const, { ...base, exec: true }]) {
        assert.equal(await taken(bench, await compareWith(bench, base, theirs)), 'take');
        assert.deepEqual(await bench.side(path), theirs);
        assert.deepEqual((await bench.again().undo(bench.blobs, none)).applied, [path]);
        assert.deepEqual(await snapshot(bench.root), before);
      }
    }));

  it('keeps its own edits where the sandbox only made it a program', () =>
    onBench({ [path]: large(2) }, async (bench) => {
      const base = await stored(bench, large(1));
      assert.equal(await taken(bench, await compareWith(bench, base, { ...base, exec: true })), 'auto');
      const after = await snapshot(bench.root);
      await chmod(join(bench.root, path), 0o644);
      await writeFile(join(bench.root, path), large(2));
      await chmod(join(bench.root, path), 0o755);
      assert.deepEqual(await snapshot(bench.root), after);
    }));

  it('is left to the person where both sides changed it, with what stood here safe in the store', () =>
    onBench({ [path]: large(2) }, async (bench) => {
      const set = await compareWith(bench, await stored(bench, large(1)), await stored(bench, large(3)));
      const [change] = set.changes;
      assert.equal(change?.merge, 'binary');
      assert.ok(typeof change.ours === 'object' && change.ours.t === 'file');
      assert.ok(await bench.blobs.has(change.ours.blob));
    }));
});
