import assert from 'node:assert/strict';
import { chmod, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { Looks, tagOf } from '../../../src/host/looks.ts';
import { relPath } from '../../../src/core/paths.ts';
import type { AirlockError } from '../../../src/core/problem.ts';
import { blobIdOf } from '../../../src/host/blobs/hash.ts';
import { inScratch } from './scratch.ts';
import { fill, git, notFound, opened, read, scan } from './workspace.ts';

describe('reading a folder', () => {
  it('tells what stands at a path, by its bytes', () =>
    inScratch(async (root) => {
      const large = Buffer.alloc(33 * 1024 * 1024, 1);
      await fill(root, { 'd/f': 'content', large, 'd/e': null });
      await symlink('f', join(root, 'd/l'));
      await chmod(join(root, 'd/f'), 0o755);
      const folder = opened(root);
      const side = async (path: string) => (await folder.side(relPath(path))).side;
      const bytes = Buffer.from('content');
      assert.deepEqual(await folder.side(relPath('d/f')), {
        side: { t: 'file', blob: blobIdOf(bytes), size: 7, exec: true },
        bytes,
      });
      assert.deepEqual(await folder.side(relPath('large')), {
        side: { t: 'file', blob: blobIdOf(large), size: large.length, exec: false },
      });
      assert.deepEqual(await side('d/l'), { t: 'link', target: 'f' });
      assert.deepEqual(await side('d/e'), { t: 'dir' });
      assert.deepEqual(
        [await side('none'), await side('no/where'), await side('d/f/below')],
        ['absent', 'absent', 'absent'],
      );
      assert.equal(await read(folder, 'd/f'), 'content');
      await assert.rejects(read(folder, 'd/e'), notFound);
      await assert.rejects(read(folder, 'none'), notFound);
    }));

  it('never goes through a link, in the path or at its end', () =>
    inScratch(async (scratch) => {
      const root = join(scratch, 'project');
      await fill(scratch, { 'outside/secret': 's', 'project/d/f': 'f' });
      await symlink('../outside', join(root, 'away'));
      await symlink('../outside/secret', join(root, 'leak'));
      await symlink('d', join(root, 'inner'));
      const folder = opened(root);
      for (const path of ['away/secret', 'leak', 'inner/f']) await assert.rejects(read(folder, path), notFound, path);
      assert.deepEqual(await folder.side(relPath('away/secret')), { side: 'unknown' });
      assert.deepEqual(await folder.side(relPath('inner/f')), { side: 'unknown' });
      const tags = await folder.tags(['away/secret', 'inner/f', 'leak', 'd/f', 'none'].map(relPath));
      assert.deepEqual([...tags.keys()].sort(), ['d/f', 'leak']);
    }));

  it('tags change with content, mode and identity', () =>
    inScratch(async (root) => {
      await fill(root, { a: '1', b: '1', c: '1', still: '1' });
      const folder = opened(root);
      const paths = ['a', 'b', 'c', 'still'].map(relPath);
      const before = await folder.tags(paths);
      // A file of the same length written within one tick of the clock could keep its tag.
      await writeFile(join(root, 'a'), '22');
      await chmod(join(root, 'b'), 0o700);
      await writeFile(join(root, 'c2'), '1');
      await rename(join(root, 'c2'), join(root, 'c'));
      const after = await folder.tags(paths);
      assert.deepEqual(
        paths.filter((path) => before.get(path) !== after.get(path)),
        ['a', 'b', 'c'],
      );
    }));

  it('gives with each listed file the tag that it has when it is asked for', () =>
    inScratch(async (root) => {
      await fill(root, { a: '1', 'd/b': '22', empty: null });
      await symlink('a', join(root, 'link'));
      const { files } = await scan(root);
      const tags = await opened(root).tags(files.map(({ path }) => path));
      const listed = new Map(files.flatMap(({ path, tag }) => (tag === undefined ? [] : [[path, tag] as const])));
      assert.deepEqual([...listed.keys()].sort(), ['a', 'd/b', 'link']);
      for (const [path, tag] of listed) assert.equal(tag, tags.get(path), path);
    }));

  it('looks at a file alike on a quick disk and on a slow one', () =>
    inScratch(async (root) => {
      await fill(root, { a: '1' });
      for (const looks of [new Looks(), new Looks(0)]) {
        const stat = await looks.at(join(root, 'a'));
        assert.deepEqual(
          [stat.size, stat.isFile(), tagOf(stat)],
          [1n, true, (await opened(root).tags([relPath('a')])).get(relPath('a'))],
        );
        await assert.rejects(looks.at(join(root, 'none')), { code: 'ENOENT' });
      }
    }));

  it('tells of links into the folder, ignored ones too, and where they truly lead', () =>
    inScratch(async (scratch) => {
      const root = join(scratch, 'project');
      await fill(scratch, {
        'project/.gitignore': '.vscode\n.claude/\n',
        'project/dev/vscode/tasks.json': '{}',
        'project/packages/a/index.js': '1',
        'project/.claude/own': '1',
        'project/node_modules/x/index.js': '1',
        'outside/x': '1',
      });
      await git(root, 'init', '-q');
      await symlink('dev/vscode', join(root, '.vscode'));
      await symlink('../later', join(root, '.claude/commands'));
      await symlink(join(root, 'dev'), join(root, 'whole'));
      await symlink(join(root, 'dev'), join(scratch, 'outside/back'));
      await symlink('../outside/back/vscode', join(root, 'around'));
      await symlink('.', join(root, 'self'));
      await symlink('../outside', join(root, 'away'));
      await symlink('../packages/a', join(root, 'node_modules/a'));
      await symlink('../../dev', join(root, '.git/hooks/dev'));
      const links = (await opened(root).links()).map(({ link, target }) => `${link} -> ${target}`);
      assert.deepEqual(links.sort(), [
        '.claude/commands -> later',
        '.vscode -> dev/vscode',
        'around -> dev/vscode',
        'self -> ',
        'whole -> dev',
      ]);
    }));

  it('says when the folder is gone', () =>
    inScratch(async (root) => {
      const folder = opened(join(root, 'gone'));
      const unavailable = (error: AirlockError) => error.problem.id === 'folder-unavailable';
      await assert.rejects(folder.side(relPath('a')), unavailable);
      await assert.rejects(scan(join(root, 'gone')), unavailable);
    }));
});
