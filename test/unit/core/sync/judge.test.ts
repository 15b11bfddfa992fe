import assert from 'node:assert/strict';
import { relPath } from '../../../../src/core/paths.ts';
import { modeDanger } from '../../../../src/core/sync/danger.ts';
import { Judge, type JudgeOptions } from '../../../../src/core/sync/judge.ts';
import { diffTrees } from '../../../../src/core/sync/tree.ts';
import type { DangerId, Node, Tree } from '../../../../src/core/sync/types.ts';
import { bytesOf, fileNode, MemoryBlobs, treeOf } from './support/memory.ts';

type Files = Record<string, string>;

/** The dangers of each path that `theirs` adds to files and links of the ancestor. */
async function judged(
  ours: Files,
  links: Files,
  theirs: Files,
  more: Pick<JudgeOptions, 'hooks' | 'links'> = {},
): Promise<Record<string, DangerId[]>> {
  const blobs = new MemoryBlobs();
  for (const text of Object.values(theirs)) await blobs.put(bytesOf(text));
  const linked = Object.entries(links).map(([path, target]) => [relPath(path), { t: 'link', target }] as const);
  const ancestor: Tree = new Map([...treeOf(ours), ...linked]);
  const tree: Tree = new Map<ReturnType<typeof relPath>, Node>([...ancestor, ...treeOf(theirs)]);
  const judge = new Judge({ ancestor, theirs: tree, blobs, ...more }, diffTrees(ancestor, tree));
  const found: Record<string, DangerId[]> = {};
  for (const [path, text] of Object.entries(theirs)) {
    found[path] = (await judge.dangers(relPath(path), 'absent', fileNode(text))).map(({ id }) => id);
  }
  return found;
}

describe('the judgement of changes', () => {
  const linked: readonly (readonly [links: Files, path: string, dangers: DangerId[]])[] = [
    [{ '.husky': 'tools/husky' }, 'tools/husky/pre-push', ['git-config']],
    [{ '.husky': 'tools/husky' }, 'tools/other', []],
    [{ 'CLAUDE.md': 'docs/Style.md' }, 'docs/style.md', ['agent-config']],
    [{ '.husky': 'a/b', a: './c/' }, 'c/b/pre-push', ['git-config']],
    [{ 'x/.vscode': '..' }, 'tasks.json', ['editor-config']],
    [{ a: 'b', b: 'a', c: '../x', d: '/etc', e: '.', f: 'e' }, 'b/x', []],
  ];
  for (const [links, path, dangers] of linked) {
    it(`of ${path} where there is ${JSON.stringify(links)} is ${dangers.join() || 'nothing'}`, async () =>
      assert.deepEqual(await judged({}, links, { [path]: '1' }), { [path]: dangers }));
  }

  it('knows a package.json by a name that a link gives it', () => {
    const ancestor: Tree = new Map([[relPath('package.json'), { t: 'link', target: 'config/p.json' }]]);
    const judge = new Judge({ ancestor, theirs: ancestor, blobs: new MemoryBlobs() }, new Map());
    assert.equal(judge.isPackageManifest(relPath('config/p.json')), true);
    assert.equal(judge.isPackageManifest(relPath('config/q.json')), false);
  });

  it('sets apart what git takes hooks from', async () =>
    assert.deepEqual(
      await judged(
        {},
        {},
        { 'scripts/hooks/pre-push': '1', 'scripts/a': '2' },
        { hooks: new Set([relPath('scripts/hooks')]) },
      ),
      { 'scripts/hooks/pre-push': ['git-config'], 'scripts/a': [] },
    ));

  it('follows links of this machine that were never sent', async () => {
    const links = [
      { link: relPath('.vscode'), target: 'dev/vscode' },
      { link: relPath('Home'), target: '' },
    ];
    assert.deepEqual(await judged({}, {}, { 'dev/vscode/tasks.json': '1', 'dev/a': '2' }, { links }), {
      'dev/vscode/tasks.json': ['editor-config'],
      'dev/a': [],
    });
  });

  it('sets apart a Cargo.toml that names code, or lies beside a build script', async () =>
    assert.deepEqual(
      await judged(
        { 'a/build.rs': '1' },
        {},
        { 'a/Cargo.toml': '2', 'b/Cargo.toml': '2', 'c/Cargo.toml': 'build = "x"' },
      ),
      { 'a/Cargo.toml': ['build-hook'], 'b/Cargo.toml': [], 'c/Cargo.toml': ['build-hook'] },
    ));

  it('sets apart a file of ours that becomes a program, not a new one', () => {
    assert.equal(modeDanger(fileNode('a'), fileNode('a', true))?.id, 'executable-bit');
    assert.equal(modeDanger('absent', fileNode('a', true)), undefined);
    assert.equal(modeDanger(fileNode('a', true), fileNode('b', true)), undefined);
  });
});
