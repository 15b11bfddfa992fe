import assert from 'node:assert/strict';
import { mintId } from '../../../../src/shared/ids.ts';
import { relPath } from '../../../../src/core/paths.ts';
import { readChangeSet, writeChangeSet } from '../../../../src/core/session/stored.ts';
import { afterApply, afterUndo, planApply } from '../../../../src/core/sync/apply.ts';
import { computeChanges, contentKey, Rejections, type CompareOptions } from '../../../../src/core/sync/changes.ts';
import type { ApplyStep, Change, ChangeSet, Node, Tree } from '../../../../src/core/sync/types.ts';
import { bytesOf, fileNode, MemoryBlobs, MemoryFolder, textOf, treeOf } from './support/memory.ts';

type Files = Record<string, string>;
const none: ReadonlySet<ReturnType<typeof relPath>> = new Set();
const lines = (change: Record<number, string> = {}) =>
  Array.from({ length: 9 }, (_, at) => `${change[at] ?? `line ${at}`}\n`).join('');

describe('changes to take home', () => {
  let blobs: MemoryBlobs;
  let folder: MemoryFolder;
  beforeEach(() => {
    blobs = new MemoryBlobs();
    folder = new MemoryFolder();
  });

  async function stored(files: Files): Promise<Tree> {
    for (const text of Object.values(files)) await blobs.put(bytesOf(text));
    return treeOf(files);
  }

  async function compare(
    base: Files | Tree,
    theirs: Files | Tree,
    ours: Files,
    more: Partial<CompareOptions> = {},
  ): Promise<ChangeSet> {
    for (const [path, text] of Object.entries(ours)) folder.set(path, text);
    const trees = [base, theirs].map(async (side) =>
      side instanceof Map ? (side as Tree) : await stored(side as Files),
    );
    const [ancestor = new Map<never, never>(), sandbox = new Map<never, never>()] = await Promise.all(trees);
    return await computeChanges({
      ancestor,
      theirs: sandbox,
      unknown: none,
      folder,
      blobs,
      rejections: new Rejections(),
      checkpoint: mintId('checkpoint'),
      asOf: 1,
      warnings: [],
      ...more,
    });
  }

  const only = ({ changes }: ChangeSet): Change => {
    assert.equal(changes.length, 1, JSON.stringify(changes));
    return changes[0] ?? assert.fail();
  };
  const content = async (node: Node | undefined) => {
    assert.ok(node?.t === 'file');
    return textOf(await blobs.get(node.blob));
  };

  it('takes what only the sandbox changed, added or deleted', async () => {
    const { changes } = await compare({ a: '1', c: '3' }, { a: 'one', b: '2' }, { a: '1', c: '3' });
    assert.deepEqual(
      changes.map(({ path, merge, ours, result }) => [path, merge, ours, result]),
      [
        ['a', 'take', fileNode('1'), fileNode('one')],
        ['b', 'take', 'absent', fileNode('2')],
        ['c', 'take', fileNode('3'), undefined],
      ],
    );
  });

  it('shows nothing of what only this side changed, or both changed alike', async () => {
    const { changes } = await compare({ a: '1', b: '2', c: '3' }, { a: '1', b: 'same' }, { a: 'mine', b: 'same' });
    assert.deepEqual(changes, []);
  });

  it('merges what both sides changed in different places', async () => {
    const change = only(await compare({ a: lines() }, { a: lines({ 8: 'theirs' }) }, { a: lines({ 0: 'ours' }) }));
    assert.deepEqual([change.merge, await content(change.result)], ['auto', lines({ 0: 'ours', 8: 'theirs' })]);
  });

  it('merges a change of the mode with a change of the content', async () => {
    const exec: Tree = new Map([[relPath('a'), fileNode('1', true)]]);
    const change = only(await compare({ a: '1' }, exec, { a: 'mine' }));
    assert.deepEqual([change.merge, change.result], ['auto', fileNode('mine', true)]);
  });

  const unresolved: readonly (readonly [string, Files, Files, Files, Change['merge']])[] = [
    ['the same lines', { a: '1\n' }, { a: '2\n' }, { a: '3\n' }, 'conflict'],
    ['bytes', { a: '\0 1' }, { a: '\0 2' }, { a: '\0 3' }, 'binary'],
    ['a file that both made', {}, { a: '2' }, { a: '3' }, 'conflict'],
    ['bytes that both made', {}, { a: '\0 2' }, { a: '\0 3' }, 'binary'],
    ['what was deleted here', { a: '1' }, { a: '2' }, {}, 'conflict'],
    ['what was deleted there', { a: '1' }, {}, { a: '2' }, 'conflict'],
  ];
  for (const [what, base, theirs, ours, merge] of unresolved) {
    it(`leaves ${what} to the person`, async () => {
      const set = await compare(base, theirs, ours);
      assert.deepEqual([only(set).merge, only(set).result], [merge, undefined]);
      const paths = new Set([relPath('a')]);
      assert.throws(() => planApply(set, { paths, takeTheirs: none }), /changed on both sides/);
      const { steps } = planApply(set, { paths, takeTheirs: paths });
      assert.deepEqual(
        steps.map(({ write }) => write),
        [only(set).theirs],
      );
    });
  }

  it('puts every content that is shown into the store', async () => {
    const change = only(await compare({ a: '1' }, { a: '2' }, { a: '3' }));
    assert.equal(typeof change.ours === 'object' && (await content(change.ours)), '3');
  });

  it('never brings home what belongs to .git, and looks at nothing there', async () => {
    const set = await compare({}, { 'x/.GIT/config': '1', 'git~1/hooks/a': '2' }, {});
    assert.deepEqual(
      set.changes.map(({ merge, result }) => [merge, result]),
      [
        ['blocked', undefined],
        ['blocked', undefined],
      ],
    );
    assert.deepEqual(folder.sideCalls, []);
    for (const { path } of set.changes) {
      const chosen = { paths: new Set([path]), takeTheirs: new Set([path]) };
      assert.throws(() => planApply(set, chosen), /cannot come home/);
    }
  });

  it('sets apart a repository without .git', async () => {
    const { changes } = await compare(
      { 'x/refs/a': '1', 'x/objects/b': '1' },
      { 'x/refs/a': '1', 'x/objects/b': '1', 'x/HEAD': 'ref: ', 'x/config': 'evil' },
      {},
    );
    assert.deepEqual(
      changes.map(({ path, danger }) => [path, danger]),
      [
        ['x/HEAD', ['git-repository']],
        ['x/config', ['git-repository']],
      ],
    );
  });

  it('says of what runs by itself why', async () => {
    const change = only(await compare({}, { '.vscode/tasks.json': '{}' }, {}));
    assert.deepEqual(change.danger, ['editor-config']);
    assert.match(change.reasons?.[0] ?? '', /programs/);
  });

  it('deletes nothing whose absence is not certain', async () => {
    assert.deepEqual((await compare({ a: '1' }, {}, { a: '1' }, { unknown: new Set([relPath('a')]) })).changes, []);
  });

  it('does not offer the same content again after it was refused, but offers another', async () => {
    const rejections = new Rejections();
    rejections.add(relPath('a'), contentKey(fileNode('2')));
    rejections.add(relPath('b'), contentKey('absent'));
    assert.deepEqual((await compare({ a: '1', b: '1' }, { a: '2' }, { a: '1', b: '1' }, { rejections })).changes, []);
    assert.equal(only(await compare({ a: '1', b: '1' }, { a: '3' }, { a: '1', b: '1' }, { rejections })).path, 'a');
    assert.equal(only(await compare({ a: '1' }, { a: '1', c: '2' }, {}, { rejections })).path, 'c');
  });

  describe('of a package.json', () => {
    const json = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;
    const base = json({ name: 'a', scripts: { test: 't' }, files: ['x'] });
    const theirs = json({ name: 'a', scripts: { test: 't', postinstall: 'evil' }, files: ['x', 'y'] });
    const path = relPath('package.json');
    const paths = new Set([path]);

    it('come without the keys that run by themselves', async () => {
      const set = await compare({ [path]: base }, { [path]: theirs }, { [path]: base });
      const change = only(set);
      assert.deepEqual([change.danger, change.withheld?.keys], [[], ['scripts']]);
      assert.deepEqual(JSON.parse(await content(change.result)), {
        name: 'a',
        scripts: { test: 't' },
        files: ['x', 'y'],
      });
      const part = planApply(set, { paths, takeTheirs: none });
      assert.deepEqual(part.steps[0]?.write, change.result);
    });

    it('offer only those keys after the rest was taken', async () => {
      const set = await compare({ [path]: base }, { [path]: theirs }, { [path]: base });
      const ancestor = afterApply(
        await stored({ [path]: base }),
        set,
        { paths, takeTheirs: none },
        { applied: [path], skipped: [] },
      );
      const next = only(await compare(ancestor, { [path]: theirs }, { [path]: await content(only(set).result) }));
      assert.deepEqual([next.danger, next.withheld, next.result], [['package-script'], undefined, fileNode(theirs)]);
      assert.match(next.reasons?.[0] ?? '', /scripts/);
    });

    it('are merged with what changed here', async () => {
      const ours = base.replace('"name": "a"', '"name": "mine"');
      const change = only(await compare({ [path]: base }, { [path]: theirs }, { [path]: ours }));
      assert.equal(change.merge, 'auto');
      assert.deepEqual(JSON.parse(await content(change.result)), {
        name: 'mine',
        scripts: { test: 't' },
        files: ['x', 'y'],
      });
    });

    it('wait whole where they cannot be told apart', async () => {
      const change = only(await compare({}, { 'sub/Package.json': '{"scripts":1,"scripts":2}' }, {}));
      assert.deepEqual([change.danger, change.withheld], [['package-script'], undefined]);
    });

    it('survive being written into the log', async () => {
      const set = await compare({ [path]: base }, { [path]: theirs, '.envrc': 'x' }, { [path]: base });
      assert.deepEqual(readChangeSet(writeChangeSet(set)), set);
    });

    it('are read back from a log that also holds the whole file', async () => {
      const set = await compare({ [path]: base }, { [path]: theirs }, { [path]: base });
      const changes = set.changes.map((change) => ({
        ...change,
        withheld: { ...change.withheld, whole: fileNode(theirs) },
      }));
      assert.deepEqual(readChangeSet(bytesOf(JSON.stringify({ ...set, changes }))), set);
    });
  });

  describe('as a plan', () => {
    it('expects what stood here at the review, deletes first and the deepest first', async () => {
      const set = await compare(
        { d: '1', 'e/x': '1', 'e/x2': '2' },
        { 'd/new': '2', a: '1', e: 'file' },
        { d: '1', 'e/x': '1', 'e/x2': '2' },
      );
      const { steps } = planApply(set, { paths: new Set(set.changes.map(({ path }) => path)), takeTheirs: none });
      assert.deepEqual(
        steps.map(({ path, expect, write }: ApplyStep) => [path, expect === 'absent', write === 'absent']),
        [
          ['e/x2', false, true],
          ['e/x', false, true],
          ['d', false, true],
          ['a', true, false],
          ['d/new', true, false],
          ['e', true, false],
        ],
      );
    });

    it('refuses a path that was not reviewed', async () => {
      const set = await compare({}, { a: '1' }, {});
      assert.throws(() => planApply(set, { paths: new Set([relPath('b')]), takeTheirs: none }), /not among/);
    });

    it('may be made again from what was reviewed, for other paths', async () => {
      const set = await compare({}, { a: '1', b: '2' }, {});
      for (const name of ['a', 'b']) {
        const { steps } = planApply(set, { paths: new Set([relPath(name)]), takeTheirs: none });
        assert.deepEqual(
          steps.map(({ path }) => path),
          [name],
        );
      }
    });

    it('moves the ancestor of what was applied alone, and back by an undo', async () => {
      const base = await stored({ a: '1', b: '1', gone: '1' });
      const set = await compare(base, { a: '2', b: '2', gone: '1', new: '3' }, { a: '1', b: '1', gone: '1' });
      const paths = new Set(set.changes.map(({ path }) => path));
      const result = { applied: [relPath('a'), relPath('new')], skipped: [{ path: relPath('b'), why: 'changed' }] };
      const after = afterApply(base, set, { paths, takeTheirs: none }, result);
      assert.deepEqual(new Map(after), new Map(treeOf({ a: '2', b: '1', gone: '1', new: '3' })));
      assert.deepEqual(new Map(afterUndo(after, set, { applied: result.applied, skipped: [] })), new Map(base));
    });
  });
});
