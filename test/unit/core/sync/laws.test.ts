import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mintId } from '../../../../src/shared/ids.ts';
import { foldKey, parseRelPath, relPath, type RelPath } from '../../../../src/core/paths.ts';
import { afterApply, planApply } from '../../../../src/core/sync/apply.ts';
import { computeChanges, contentKey, Rejections } from '../../../../src/core/sync/changes.ts';
import { buildManifest } from '../../../../src/core/sync/manifest.ts';
import { planPush } from '../../../../src/core/sync/push.ts';
import { at, diffTrees, ordered, patchTree, sameSide } from '../../../../src/core/sync/tree.ts';
import type { ChangeSet, Tree } from '../../../../src/core/sync/types.ts';
import { bytesOf, MemoryBlobs, MemoryFolder, textOf, treeOf } from './support/memory.ts';

type Files = Record<string, string>;
const names = ['a', 'b', 'c/d'];
const text = fc
  .array(fc.constantFrom('1', '2', '3', '\0'), { maxLength: 4 })
  .map((all) => all.map((line) => `${line}\n`).join(''));
const files: fc.Arbitrary<Files> = fc.dictionary(fc.constantFrom(...names), text);
const none: ReadonlySet<RelPath> = new Set();

async function world(base: Files, theirs: Files, ours: Files) {
  const blobs = new MemoryBlobs();
  const folder = new MemoryFolder();
  for (const side of [base, theirs]) for (const one of Object.values(side)) await blobs.put(bytesOf(one));
  for (const [path, one] of Object.entries(ours)) folder.set(path, one);
  const rejections = new Rejections();
  const compare = async (ancestor: Tree): Promise<ChangeSet> =>
    await computeChanges({
      ancestor,
      theirs: treeOf(theirs),
      unknown: none,
      folder,
      blobs,
      rejections,
      checkpoint: mintId('checkpoint'),
      asOf: 0,
      warnings: [],
    });
  /** Applies as the journal does: a step counts only where its expectation holds. */
  const apply = async (set: ChangeSet, paths: ReadonlySet<RelPath>, takeTheirs = none) => {
    const applied: RelPath[] = [];
    for (const { path, expect, write } of planApply(set, { paths, takeTheirs }).steps) {
      if (!sameSide((await folder.side(path)).side, expect)) continue;
      applied.push(path);
      if (write === 'absent') folder.delete(path);
      else if (write.t === 'file') folder.set(path, await blobs.get(write.blob), write.exec);
    }
    return { applied, skipped: [] };
  };
  return { blobs, folder, rejections, compare, apply, ancestor: treeOf(base) };
}

const resolvable = ({ changes }: ChangeSet) =>
  new Set(changes.filter(({ merge }) => merge === 'take' || merge === 'auto').map(({ path }) => path));

describe('laws of taking home', () => {
  it('never overwrites a local edit that the sandbox had not seen, unless told to', async () => {
    await fc.assert(
      fc.asyncProperty(files, files, files, async (base, theirs, ours) => {
        const { compare, apply, folder, ancestor } = await world(base, theirs, ours);
        const set = await compare(ancestor);
        await apply(set, resolvable(set));
        for (const name of names) {
          const path = relPath(name);
          const isMine = !sameSide(at(treeOf(ours), path), at(ancestor, path));
          if (!isMine) continue;
          const { side, bytes } = await folder.side(path);
          if (sameSide(at(treeOf(theirs), path), at(ancestor, path))) assert.deepEqual(side, at(treeOf(ours), path));
          else if (ours[name] === undefined || bytes === undefined) assert.deepEqual(side, at(treeOf(ours), path));
          else {
            const now = textOf(bytes).split('\n');
            const kept = (base[name] ?? '').split('\n');
            for (const line of ours[name].split('\n'))
              assert.ok(kept.includes(line) || now.includes(line), `${name} lost ${line}`);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('offers nothing again that was applied or refused', async () => {
    await fc.assert(
      fc.asyncProperty(files, files, files, async (base, theirs, ours) => {
        const { compare, apply, rejections, ancestor } = await world(base, theirs, ours);
        const set = await compare(ancestor);
        const paths = resolvable(set);
        const result = await apply(set, paths);
        const after = afterApply(ancestor, set, { paths, takeTheirs: none }, result);
        const rest = await compare(after);
        assert.deepEqual(
          rest.changes.filter(({ path }) => paths.has(path)),
          [],
        );
        for (const change of rest.changes) rejections.add(change.path, contentKey(change.theirs));
        assert.deepEqual((await compare(after)).changes, []);
      }),
      { numRuns: 200 },
    );
  });

  it('makes both sides the same once every change is taken from the sandbox and every local one is sent', async () => {
    await fc.assert(
      fc.asyncProperty(files, files, files, async (base, theirs, ours) => {
        const { compare, apply, folder, ancestor } = await world(base, theirs, ours);
        const set = await compare(ancestor);
        const all = new Set(set.changes.map(({ path }) => path));
        const result = await apply(set, all, all);
        const agreed = afterApply(ancestor, set, { paths: all, takeTheirs: all }, result);
        const whole = buildManifest(await folder.scan(), none);
        const plan = await planPush(whole, { ancestor: agreed, theirs: treeOf(theirs) }, new Map(), folder);
        assert.deepEqual(plan.leftForMerge, []);
        for (const [path, node] of plan.converged) assert.ok(sameSide(at(treeOf(theirs), path), node));
        let inside = treeOf(theirs);
        for (const path of plan.deletions) inside = patchTree(inside, new Map([[path, 'absent' as const]]));
        for (const { path } of plan.manifest.files) {
          const { side } = await folder.side(path);
          assert.ok(typeof side === 'object');
          inside = patchTree(inside, new Map([[path, side]]));
        }
        const here = new Map(
          await Promise.all(folder.files().map(async ({ path }) => [path, (await folder.side(path)).side] as const)),
        );
        assert.deepEqual(new Map(ordered(inside)), new Map([...here].sort()));
      }),
      { numRuns: 200 },
    );
  });

  it('never plans to write what was not reviewed, or over anything else than what was', async () => {
    await fc.assert(
      fc.asyncProperty(files, files, files, async (base, theirs, ours) => {
        const { compare, ancestor } = await world(base, theirs, ours);
        const set = await compare(ancestor);
        const paths = resolvable(set);
        const { steps } = planApply(set, { paths, takeTheirs: none });
        assert.deepEqual(new Set(steps.map(({ path }) => path)), paths);
        for (const step of steps) {
          const change = set.changes.find(({ path }) => path === step.path) ?? assert.fail();
          assert.deepEqual([step.expect, step.write], [change.ours, change.result ?? 'absent']);
        }
      }),
    );
  });
});

describe('trees', () => {
  it('are made of one another by their difference', () => {
    fc.assert(
      fc.property(files, files, (from, to) => {
        const patch = diffTrees(treeOf(from), treeOf(to));
        assert.deepEqual(ordered(patchTree(treeOf(from), patch)), ordered(treeOf(to)));
        assert.equal(diffTrees(treeOf(to), treeOf(to)).size, 0);
      }),
    );
  });
});

describe('paths from outside', () => {
  it('never lead out of the folder, whatever they hold', () => {
    const part = fc.oneof(
      fc.constantFrom('..', '.', '', 'a', 'C:', '\0', '\\', '~'),
      fc.string({ unit: 'binary', maxLength: 6 }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const raw = parts.join('/');
        const parsed = parseRelPath(raw);
        if (!parsed.ok) return;
        assert.ok(!/^\/|\0|\\|:/.test(parsed.path));
        for (const one of parsed.path.split('/')) assert.ok(!['', '.', '..'].includes(one));
        assert.deepEqual(parseRelPath(bytesOf(parsed.path)), parsed);
        assert.ok(raw === parsed.path || raw === `${parsed.path}/`);
      }),
      { numRuns: 1000 },
    );
  });

  it('refuse bytes that are no UTF-8', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 12 }), (bytes) => {
        const parsed = parseRelPath(bytes);
        if (!Buffer.from(bytes).equals(Buffer.from(Buffer.from(bytes).toString('utf8'))))
          assert.equal(parsed.ok, false);
      }),
      { numRuns: 1000 },
    );
  });

  it('fold to the same key however they are composed, cased or padded with what is not seen', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'B', 'é', 'e\u0301', '/', 'ﬁ', 'ß', 'Å', '\u200d'), maxLength: 8 }),
        (path) => {
          assert.equal(foldKey(path.normalize('NFD')), foldKey(path.normalize('NFC')));
          assert.equal(foldKey(path.toLowerCase()), foldKey(path));
          assert.equal(foldKey(foldKey(path)), foldKey(path));
        },
      ),
    );
  });
});
