import assert from 'node:assert/strict';
import { chmod, rename, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { relPath } from '../../../src/core/paths.ts';
import { inScratch } from './scratch.ts';
import { filesOf, fill, git, heldOf, machine, notFound, opened, read, scan } from './workspace.ts';

const project = {
  'src/a.ts': 'a',
  'src/deep/b.ts': 'bb',
  'notes.log': 'log',
  'build/out.js': 'out',
  'private/plan.md': 'plan',
  'node_modules/x/index.js': 'xxxx',
  'node_modules/x/.git/config': 'no',
  '.gitignore': '*.log\nbuild/\nnode_modules/\n',
  '.airlockignore': 'private/\n',
};

describe('the scan of a folder', function () {
  this.timeout(240_000);

  for (const source of ['git', 'rules'] as const) {
    it(`lists files, ignored ones, dependencies and what .airlockignore adds, from ${source}`, () =>
      inScratch(async (root) => {
        await fill(root, project);
        if (source === 'git') {
          await git(root, 'init', '-q');
          await git(root, 'add', 'src/a.ts', 'private/plan.md');
        }
        const found = await scan(root);
        assert.equal(found.source, source);
        assert.deepEqual(filesOf(found), ['.airlockignore', '.gitignore', 'src/a.ts', 'src/deep/b.ts']);
        const expected = { 'build/': 'ignored', 'notes.log': 'ignored', 'private/': 'airlockignore' };
        assert.deepEqual(heldOf(found), source === 'git' ? { ...expected, '.git/': 'git-folder' } : expected);
        assert.deepEqual(found.dependencies, [{ path: 'node_modules', size: 4, files: 1 }]);
        assert.deepEqual(
          found.held.find(({ path }) => path === 'notes.log'),
          {
            path: 'notes.log',
            rule: 'ignored',
            size: 3,
            exec: false,
          },
        );
        const without = await scan(root, { withDependencies: false });
        assert.equal(heldOf(without)['node_modules/'], 'dependency');
        assert.deepEqual(without.dependencies, []);
      }));

    it(`holds back links out, special files, large and unreadable ones and odd names, from ${source}`, () =>
      inScratch(async (scratch) => {
        const root = join(scratch, 'project');
        await fill(scratch, { 'outside/secret': 's', a: 'outer', 'project/a': 'a', 'project/d/f': 'f' });
        await fill(root, { 'large.bin': Buffer.alloc(1001), 'wei:rd': 'w', 'back\\slash': 'b', 'new\nline é': 'n' });
        if (source === 'git') await git(root, 'init', '-q');
        const links = { in: 'd/f', up: 'd/../a', dangling: 'nowhere', out: '../outside/secret', abs: join(root, 'a') };
        for (const [name, target] of Object.entries(links)) await symlink(target, join(root, name));
        await symlink('..', join(root, 'd/parent'));
        await symlink('out-dir/../a', join(root, 'sly'));
        await symlink('../outside', join(root, 'out-dir'));
        await fill(root, { 'not-utf8': 'x' });
        await rename(join(root, 'not-utf8'), Buffer.concat([Buffer.from(`${root}/bad-`), Buffer.of(0xff)]));
        await chmod(join(root, 'd/f'), 0o755);
        const found = await scan(root);
        assert.equal(found.source, source);
        assert.deepEqual(filesOf(found), ['a', 'd/f', 'd/parent', 'dangling', 'in', 'new\nline é', 'up']);
        assert.equal(found.files.find(({ path }) => path === 'in')?.link, 'd/f');
        assert.equal(found.files.find(({ path }) => path === 'd/f')?.exec, true);
        const { '.git/': _git, ...held } = heldOf(found);
        assert.deepEqual(held, {
          abs: 'link-outside',
          'back\\slash': 'unsupported-name',
          'bad-\ufffd': 'unsupported-name',
          'large.bin': 'too-large',
          out: 'link-outside',
          'out-dir': 'link-outside',
          sly: 'link-outside',
          'wei:rd': 'unsupported-name',
        });
      }));

    it(`never sends a .git, however it is written, from ${source}`, () =>
      inScratch(async (root) => {
        const names = ['.GIT', '.Git ', '.git.', 'GIT~1', '.g\u200cit'];
        await fill(root, { a: 'a', 'sub/.git/HEAD': 'ref', 'file/.git': 'gitdir: /elsewhere', 'sub/x': 'x' });
        for (const name of names) await fill(root, { [`odd/${name}/config`]: 'c' });
        if (source === 'git') await git(root, 'init', '-q');
        const found = await scan(root);
        assert.equal(found.source, source);
        assert.deepEqual(
          filesOf(found).filter((path) => /git/i.test(path)),
          [],
        );
        assert.ok(filesOf(found).includes('a'));
        for (const name of names) {
          assert.ok(
            found.held.some(({ path, rule }) => path.startsWith(`odd/${name}`) && rule === 'git-folder'),
            name,
          );
        }
      }));
  }

  it('holds a named pipe back and is not stopped by it', () =>
    inScratch(async (root) => {
      await fill(root, { a: 'a' });
      const program = (await machine.find('mkfifo')) ?? assert.fail('mkfifo is needed');
      await machine.run({ program, args: ['pipe', '.gitignore'], cwd: root });
      const found = await scan(root);
      assert.deepEqual(
        [filesOf(found), heldOf(found)],
        [['a'], { pipe: 'special-file', '.gitignore': 'special-file' }],
      );
      assert.deepEqual(await opened(root).side(relPath('pipe')), { side: 'unknown' });
      await assert.rejects(read(opened(root), 'pipe'), notFound);
    }));

  it('reports empty folders, and nested rules decide before outer ones', () =>
    inScratch(async (root) => {
      await fill(root, { 'empty/inner': null, '.gitignore': '*.gen\n', 'a/.gitignore': '!keep.gen\n/only\n' });
      await fill(root, { 'a/keep.gen': '', 'a/other.gen': '', 'a/only': '', 'a/b/only': '', 'b/keep.gen': '' });
      const found = await scan(root, { trusted: false });
      assert.deepEqual(filesOf(found), ['.gitignore', 'a/.gitignore', 'a/b/only', 'a/keep.gen', 'empty/inner']);
      assert.equal(found.files.find(({ path }) => path === 'empty/inner')?.dir, true);
      assert.deepEqual(
        await opened(root, false).ignored(['a/keep.gen', 'a/new.gen', 'a/only', 'c/x.gen', 'c/x'].map(relPath)),
        new Set(['a/new.gen', 'a/only', 'c/x.gen']),
      );
    }));

  it('tells virtual environments and vendored packages from folders of the same name', () =>
    inScratch(async (root) => {
      await fill(root, { '.venv/pyvenv.cfg': '', '.venv/bin/activate': '#', 'venv/mine.py': '', 'env/pyvenv.cfg': '' });
      await fill(root, { 'vendor/autoload.php': '<?php', 'lib/vendor/own.js': '', 'deps/own.ex': '', 'target/x': '' });
      await symlink('/usr/bin/env', join(root, '.venv/bin/python'));
      const found = await scan(root, { trusted: false });
      assert.deepEqual(found.dependencies.map(({ path }) => path as string).sort(), ['.venv', 'env', 'vendor']);
      assert.deepEqual(filesOf(found), ['deps/own.ex', 'lib/vendor/own.js', 'target/x', 'venv/mine.py']);
      const walked = [];
      for await (const file of opened(root).walk(relPath('.venv'), new AbortController().signal)) walked.push(file);
      assert.deepEqual(walked.map(({ path, link }) => [path as string, link]).sort(), [
        ['.venv/bin/activate', undefined],
        ['.venv/bin/python', '/usr/bin/env'],
        ['.venv/pyvenv.cfg', undefined],
      ]);
    }));

  it('names what is held back of a dependency folder, and does not count it', () =>
    inScratch(async (root) => {
      await fill(root, {
        'node_modules/a/index.js': '12345',
        'node_modules/a/.env': 'A=1',
        'node_modules/.cache/id_rsa': 'k',
      });
      await symlink('../../..', join(root, 'node_modules/a/out'));
      const found = await scan(root, { trusted: false, withDependencies: true });
      assert.deepEqual(found.dependencies, [{ path: 'node_modules', size: 5, files: 1 }]);
      assert.deepEqual(found.held.map(({ path, rule, exec }) => [path, rule, exec]).sort(), [
        ['node_modules/.cache/id_rsa', 'secret-name', undefined],
        ['node_modules/a/.env', 'secret-name', undefined],
        ['node_modules/a/out', 'link-outside', undefined],
      ]);
    }));

  it('ends when it is told to', () =>
    inScratch(async (root) => {
      await fill(root, project);
      for (const trusted of [true, false]) await assert.rejects(scan(root, { trusted, signal: AbortSignal.abort() }));
    }));
});
