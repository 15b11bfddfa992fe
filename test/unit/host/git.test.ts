import assert from 'node:assert/strict';
import { chmod, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { relPath } from '../../../src/core/paths.ts';
import { inScratch } from './scratch.ts';
import { filesOf, fill, git, heldOf, opened, scan } from './workspace.ts';

describe('git on a folder', function () {
  this.timeout(240_000);

  it('runs nothing that the repository names', () =>
    inScratch(async (scratch) => {
      const root = join(scratch, 'hostile');
      const mark = join(scratch, 'ran');
      await fill(root, { 'a.txt': 'a' });
      await git(root, 'init', '-q');
      await git(root, 'add', '.');
      await git(root, 'commit', '-qm', 'x');
      const script = join(scratch, 'evil.sh');
      await writeFile(script, `#!/bin/sh\ntouch ${mark}\n`);
      await chmod(script, 0o755);
      for (const hook of ['post-index-change', 'fsmonitor-watchman', 'post-checkout', 'pre-commit']) {
        await writeFile(join(root, '.git/hooks', hook), `#!/bin/sh\ntouch ${mark}\n`, { mode: 0o755 });
      }
      const settings = [
        'core.fsmonitor',
        'core.pager',
        'core.sshCommand',
        'core.editor',
        'diff.external',
        'alias.ls-files',
      ];
      for (const key of settings) await git(root, 'config', key, script);
      await git(root, 'config', 'filter.evil.clean', script);
      await writeFile(join(root, '.gitattributes'), '* filter=evil\n');
      await writeFile(join(root, 'a.txt'), 'changed');
      const found = await scan(root);
      assert.deepEqual([found.source, filesOf(found)], ['git', ['.gitattributes', 'a.txt']]);
      await opened(root).ignored([relPath('x')]);
      await assert.rejects(readFile(mark), 'the scan ran a program of the repository');
      await git(root, 'status');
      await readFile(mark);
    }));

  it('is not asked at all where the folder is not trusted', () =>
    inScratch(async (root) => {
      await fill(root, { a: 'a', 'b.log': 'b' });
      await git(root, 'init', '-q');
      await writeFile(join(root, '.git/info/exclude'), '*.log\n');
      const found = await scan(root, { trusted: false });
      assert.deepEqual(
        [found.source, filesOf(found), heldOf(found)],
        ['rules', ['a'], { '.git/': 'git-folder', 'b.log': 'ignored' }],
      );
    }));

  it('tells which files of the folder git runs as hooks', () =>
    inScratch(async (scratch) => {
      const root = join(scratch, 'with hooks');
      await fill(root, { 'tools/hooks/pre-push': '#', 'scripts/check.sh': '#', 'other/x': '' });
      const hooks = async (trusted = true) => [...(await opened(root, trusted).hooks())].sort();
      assert.deepEqual(await hooks(), []);
      await git(root, 'init', '-q');
      assert.deepEqual(await hooks(), []);
      await symlink('../../scripts/check.sh', join(root, '.git/hooks/pre-commit'));
      assert.deepEqual(await hooks(), ['scripts/check.sh']);
      await git(root, 'config', 'core.hooksPath', 'tools/hooks');
      assert.deepEqual(await hooks(), ['scripts/check.sh', 'tools/hooks', 'tools/hooks/pre-push']);
      assert.deepEqual(await hooks(false), []);
    }));

  it('does not descend into submodules and nested repositories, and says so', () =>
    inScratch(async (root) => {
      await fill(root, { a: 'a', 'nested/n': 'n', 'sub/s': 's' });
      await git(root, 'init', '-q');
      for (const inner of ['nested', 'sub']) {
        await git(join(root, inner), 'init', '-q');
        await git(join(root, inner), 'add', '.');
        await git(join(root, inner), 'commit', '-qm', 'x');
      }
      await git(root, 'add', 'sub');
      const found = await scan(root);
      assert.deepEqual(filesOf(found), ['a']);
      assert.deepEqual(heldOf(found), { '.git/': 'git-folder', 'nested/': 'git-folder', 'sub/': 'git-folder' });
    }));

  it('believes the disk where the index is stale: deleted files, folders that became links', () =>
    inScratch(async (scratch) => {
      const root = join(scratch, 'project');
      await fill(scratch, { 'outside/secret': 's', 'project/gone': 'g', 'project/d/secret': 'own', 'project/a': 'a' });
      await git(root, 'init', '-q');
      await git(root, 'add', '.');
      await rm(join(root, 'gone'));
      await rm(join(root, 'd'), { recursive: true });
      await symlink('../outside', join(root, 'd'));
      const found = await scan(root);
      assert.deepEqual([filesOf(found), heldOf(found)], [['a'], { '.git/': 'git-folder', d: 'link-outside' }]);
    }));

  it('lists a folder inside a larger repository, and goes by rules where that one ignores it', () =>
    inScratch(async (root) => {
      await fill(root, { 'in/a': 'a', 'out/b': 'b', '.gitignore': 'out/\n' });
      await git(root, 'init', '-q');
      const [inner, outer] = [await scan(join(root, 'in')), await scan(join(root, 'out'))];
      assert.deepEqual([inner.source, filesOf(inner), outer.source, filesOf(outer)], ['git', ['a'], 'rules', ['b']]);
      assert.deepEqual(await opened(join(root, 'in')).ignored([relPath('a')]), new Set());
    }));

  it('tells what git ignores of paths that need not exist, and not of tracked ones', () =>
    inScratch(async (root) => {
      await fill(root, { 'kept.log': 'k', '.gitignore': '*.log\nbuild/\n', '.airlockignore': '*.key\n' });
      await git(root, 'init', '-q');
      await git(root, 'add', '-f', 'kept.log');
      const paths = ['kept.log', 'new.log', 'build/deep/x', 'src/x', 'a.key', 'with\nline.log'].map(relPath);
      const expected = new Set(['new.log', 'build/deep/x', 'a.key', 'with\nline.log']);
      assert.deepEqual(await opened(root).ignored(paths), expected);
    }));
});
