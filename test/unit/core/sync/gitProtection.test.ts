import assert from 'node:assert/strict';
import fc from 'fast-check';
import { relPath } from '../../../../src/core/paths.ts';
import { blockedWhy, isInRepository, repositoryFolders } from '../../../../src/core/sync/gitProtection.ts';
import { emptyTree } from '../../../../src/core/sync/tree.ts';
import { treeOf } from './support/memory.ts';

describe('what is Git’s own', () => {
  const never = [
    '.git',
    '.git/config',
    'sub/.git/hooks/pre-commit',
    '.GIT/config',
    '.Git',
    'GIT~1',
    'git~1/config',
    'git~2',
    '.git.',
    '.git ',
    '.git. . ',
    '.git::$INDEX_ALLOCATION',
    '.git:stream',
    '.g\u200cit/config',
    '.gi\u200ft',
    '.g\u206ait',
    '\ufeff.git',
    '.git\u200d ',
    '\u202e.git',
    '．git',
  ];
  for (const path of never)
    it(`never takes home ${JSON.stringify(path)}`, () => assert.notEqual(blockedWhy(path), undefined));

  const fine = [
    '.gitignore',
    '.github/workflows/ci.yml',
    'git',
    'git/config',
    'a.git',
    'digit~1',
    '.gitx',
    'x/.git-blame-ignore-revs',
    'git~x',
  ];
  for (const path of fine) it(`may take home ${path}`, () => assert.equal(blockedWhy(path), undefined));

  it('knows its own name however it is hidden', () => {
    const ignorable = fc.constantFrom('', '\u200c', '\u200d', '\u200e', '\u202a', '\u206f', '\ufeff');
    const letter = (small: string) =>
      fc.tuple(fc.constantFrom(small, small.toUpperCase()), ignorable).map((two) => two.join(''));
    const name = fc
      .tuple(ignorable, letter('.'), letter('g'), letter('i'), letter('t'), fc.stringMatching(/^[. ]{0,4}$/))
      .map((all) => all.join(''));
    fc.assert(
      fc.property(name, fc.constantFrom('', 'a/', 'a/b/'), (git, folder) => {
        assert.notEqual(blockedWhy(`${folder}${git}/hooks/x`), undefined);
      }),
    );
  });

  const patchOf = (paths: readonly string[]) =>
    new Map([...treeOf(Object.fromEntries(paths.map((path) => [path, 'x'])))]);
  const bare = ['lib/x/HEAD', 'lib/x/objects/pack/p', 'lib/x/refs/heads/main'];

  it('finds a bare repository, wherever and however it is spelled', () => {
    assert.deepEqual([...repositoryFolders(emptyTree, patchOf(bare))], ['lib/x']);
    assert.deepEqual([...repositoryFolders(emptyTree, patchOf(['head', 'Objects/a', 'REFS/b']))], ['']);
    assert.deepEqual([...repositoryFolders(emptyTree, patchOf(['w/HEAD', 'w/commondir']))], ['w']);
    assert.deepEqual([...repositoryFolders(emptyTree, patchOf(['w/HEAD', 'w/objects/a']))], []);
  });

  it('finds one that is completed piece by piece, or of which only a part may be refused', () => {
    const [head = '', ...rest] = bare;
    assert.equal(repositoryFolders(new Map(patchOf(rest)), patchOf([head])).size, 1);
    const gone = new Map([[relPath(head), 'absent' as const]]);
    assert.equal(repositoryFolders(new Map(patchOf(bare)), gone).size, 1);
  });

  it('sets apart everything in such a folder', () => {
    const folders = repositoryFolders(emptyTree, patchOf(bare));
    assert.equal(isInRepository(relPath('lib/x/config'), folders), true);
    assert.equal(isInRepository(relPath('LIB/X/hooks/a'), folders), true);
    assert.equal(isInRepository(relPath('lib/y'), folders), false);
    assert.equal(isInRepository(relPath('a'), new Set([''])), true);
  });
});
