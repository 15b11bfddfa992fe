import assert from 'node:assert/strict';
import { foldKey, relPath, type RelPath } from '../../../../src/core/paths.ts';
import { afterApply, planApply } from '../../../../src/core/sync/apply.ts';
import { contentKey, Rejections } from '../../../../src/core/sync/changes.ts';
import { patchTree } from '../../../../src/core/sync/tree.ts';
import type { Change, ChangeSet, Node, Tree } from '../../../../src/core/sync/types.ts';
import { compared, storedTree, type Files } from './support/comparing.ts';
import { fileNode, MemoryBlobs, MemoryFolder } from './support/memory.ts';

const merges = ({ changes }: ChangeSet) => Object.fromEntries(changes.map(({ path, merge }) => [path, merge]));
const folderNode: Node = { t: 'dir' };

describe('a file and a folder that take each other’s place', () => {
  let blobs: MemoryBlobs;
  let folder: MemoryFolder;
  beforeEach(() => {
    blobs = new MemoryBlobs();
    folder = new MemoryFolder();
  });

  const compare = async (base: Files, theirs: Files, rejections = new Rejections()) =>
    await compared(await storedTree(blobs, base), await storedTree(blobs, theirs), folder, blobs, { rejections });

  it('are taken like any other change, in an order in which they can be written', async () => {
    folder.dir('a').set('a/b', '1').set('a/x/c', '2');
    const set = await compare({ 'a/b': '1', 'a/x/c': '2' }, { a: 'file' });
    assert.deepEqual(merges(set), { a: 'take', 'a/b': 'take', 'a/x/c': 'take' });
    assert.deepEqual(set.changes.find(({ path }) => path === 'a')?.result, fileNode('file'));
    const paths = new Set(set.changes.map(({ path }) => path));
    const { steps } = planApply(set, { paths, takeTheirs: new Set() });
    assert.deepEqual(
      steps.map(({ path }) => path),
      ['a/x/c', 'a/b', 'a'],
    );
    assert.deepEqual(steps.at(-1), { path: 'a', expect: folderNode, write: fileNode('file') });
  });

  it('are so, too, where part of the folder is gone here already', async () => {
    folder.dir('a').set('a/b', '1');
    assert.deepEqual(merges(await compare({ 'a/b': '1', 'a/c': '2' }, { a: 'file' })), { a: 'take', 'a/b': 'take' });
  });

  it('wait for a person where something in the folder changed here, or is to stay', async () => {
    folder.dir('a').set('a/b', 'mine').set('a/c', '2');
    const base = { 'a/b': '1', 'a/c': '2' };
    assert.deepEqual(merges(await compare(base, { a: 'file' })), { a: 'conflict', 'a/b': 'conflict', 'a/c': 'take' });
    const rejections = new Rejections();
    rejections.add(relPath('a/c'), contentKey('absent'));
    folder.set('a/b', '1');
    assert.deepEqual(merges(await compare(base, { a: 'file' }, rejections)), { a: 'conflict', 'a/b': 'take' });
  });

  it('wait for a person where the folder is only here', async () => {
    folder.dir('a').set('a/mine', 'mine');
    assert.deepEqual(merges(await compare({}, { a: 'file' })), { a: 'conflict' });
  });

  it('offer no deletion of a folder that both sides have and only the sandbox fills', async () => {
    folder.dir('a');
    const empty: Tree = new Map([[relPath('a'), folderNode]]);
    const set = await compared(empty, await storedTree(blobs, { 'a/b': '1' }), folder, blobs);
    assert.deepEqual(merges(set), { 'a/b': 'take' });
  });
});

/** A disk that takes two spellings of a name for one file. */
class FoldingFolder extends MemoryFolder {
  override side(path: RelPath): ReturnType<MemoryFolder['side']> {
    const stored = this.files().find((file) => foldKey(file.path) === foldKey(path));
    return super.side(stored?.path ?? path);
  }
}

describe('a name of which only the case changed', () => {
  const [old, spelled] = [relPath('docs/README.md'), relPath('docs/Readme.md')];
  let blobs: MemoryBlobs;
  beforeEach(() => {
    blobs = new MemoryBlobs();
  });

  const compareOn = async (folder: MemoryFolder, text: string) =>
    await compared(
      await storedTree(blobs, { [old]: '1' }),
      await storedTree(blobs, { [spelled]: text }),
      folder,
      blobs,
    );
  const only = ({ changes }: ChangeSet): Change => {
    assert.equal(changes.length, 1, JSON.stringify(changes));
    return changes[0] ?? assert.fail();
  };

  it('is two changes where the disk tells the two apart', async () => {
    const set = await compareOn(new MemoryFolder().set(old, '1'), '1');
    assert.deepEqual(merges(set), { [old]: 'take', [spelled]: 'take' });
  });

  it('deletes nothing where the disk takes both for one file, and says what to do', async () => {
    const change = only(await compareOn(new FoldingFolder().set(old, '1'), '1'));
    assert.deepEqual([change.path, change.merge], [spelled, 'blocked']);
    assert.match(change.blockedWhy ?? '', /docs\/README\.md.*rename it here yourself/);
  });

  it('brings the new content home all the same, over what stands under the old name', async () => {
    const folder = new FoldingFolder().set(old, '1');
    const set = await compareOn(folder, '2');
    const change = only(set);
    assert.deepEqual([change.path, change.merge, change.ours], [spelled, 'take', fileNode('1')]);
    const chosen = { paths: new Set([spelled]), takeTheirs: new Set<RelPath>() };
    assert.deepEqual(planApply(set, chosen).steps, [{ path: spelled, expect: fileNode('1'), write: fileNode('2') }]);
    folder.delete(old).set(spelled, '2');
    const ancestor = afterApply(await storedTree(blobs, { [old]: '1' }), set, chosen, {
      applied: [spelled],
      skipped: [],
    });
    assert.deepEqual(merges(await compared(ancestor, await storedTree(blobs, { [spelled]: '2' }), folder, blobs)), {});
  });

  it('is merged with edits that were made here', async () => {
    assert.equal(only(await compareOn(new FoldingFolder().set(old, 'mine'), '2')).merge, 'conflict');
  });

  it('is no longer offered once it was renamed here, and nothing is deleted then', async () => {
    const agreed = patchTree(await storedTree(blobs, { [old]: '1' }), await storedTree(blobs, { [spelled]: '1' }));
    const folder = new FoldingFolder().set(spelled, '1');
    const set = await compared(agreed, await storedTree(blobs, { [spelled]: '1' }), folder, blobs);
    assert.deepEqual(set.changes, []);
  });
});
