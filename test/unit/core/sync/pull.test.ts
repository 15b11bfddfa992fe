import assert from 'node:assert/strict';
import { appendFileSync, chmodSync, linkSync, mkdirSync, rmSync, symlinkSync, truncateSync, unlinkSync } from 'node:fs';
import { relPath, type RelPath } from '../../../../src/core/paths.ts';
import { AirlockError } from '../../../../src/core/problem.ts';
import { readGuestTable, writeGuestTable } from '../../../../src/core/sync/guestTable.ts';
import { emptyTree, patchTree } from '../../../../src/core/sync/tree.ts';
import type { Tree } from '../../../../src/core/sync/types.ts';
import { DiskGuest } from './support/diskGuest.ts';
import { fileNode, textOf, treeOf } from './support/memory.ts';

describe('pull', () => {
  let guest: DiskGuest;
  beforeEach(() => {
    guest = new DiskGuest();
  });
  afterEach(() => guest.remove());

  const text = async (tree: Tree, path: string) => {
    const node = tree.get(relPath(path));
    assert.ok(node?.t === 'file', `${path} is no file`);
    return textOf(await guest.blobs.get(node.blob));
  };

  it('takes in everything at first: bytes, modes, names, empty files and folders', async () => {
    guest.write('a.txt', 'one');
    guest.write('deep/er/“ü” x.sh', '#!', 0o755);
    guest.write('empty', '');
    mkdirSync(guest.at('logs'));
    guest.write('node_modules/x.js', 'no');
    const { theirs, quality, skipped, warnings } = await guest.pull();
    assert.deepEqual(
      [...theirs],
      [
        ['a.txt', fileNode('one')],
        ['deep/er/“ü” x.sh', fileNode('#!', true)],
        ['empty', fileNode('')],
        ['logs', { t: 'dir' }],
      ],
    );
    assert.deepEqual([quality, skipped, warnings], ['exact', [], []]);
    assert.equal(await text(theirs, 'a.txt'), 'one');
  });

  it('asks once and takes nothing where nothing changed', async () => {
    guest.write('a', '1');
    const first = await guest.pull();
    const second = await guest.pull();
    assert.deepEqual(second.theirs, first.theirs);
    assert.deepEqual([guest.requests.length, second.files, second.bytes], [1, 0, 0]);
    assert.equal(guest.requests[0]?.since, first.table.listingId);
  });

  it('asks once and takes only what changed', async () => {
    guest.write('a', '1');
    guest.write('b', '2');
    guest.write('c', '3');
    await guest.pull();
    guest.write('b', 'two');
    guest.write('new/d', '4');
    unlinkSync(guest.at('c'));
    const { theirs, files } = await guest.pull();
    assert.deepEqual([guest.requests.length, files], [1, 2]);
    assert.deepEqual([...theirs], [...treeOf({ a: '1', b: 'two', 'new/d': '4' })]);
  });

  it('does not bring back what was sent when nothing has run inside since', async () => {
    guest.write('a', '1');
    guest.write('b', '22', 0o755);
    const ancestor = patchTree(treeOf({ a: '1' }), new Map([[relPath('b'), fileNode('22', true)]]));
    const { theirs, files } = await guest.pull({ ancestor, fresh: true });
    assert.deepEqual([files, guest.requests.length, [...theirs]], [0, 1, [...ancestor]]);
    guest.write('a', '9');
    assert.equal(await text((await guest.pull({ ancestor })).theirs, 'a'), '9');
  });

  it('says that a file changed while it was read, and takes it in again', async () => {
    guest.write('log', 'x');
    guest.beforeWant = () => appendFileSync(guest.at('log'), 'y');
    const first = await guest.pull();
    assert.equal(first.quality, 'torn');
    assert.equal(first.warnings.length, 1);
    guest.beforeWant = undefined;
    const second = await guest.pull();
    assert.deepEqual([second.quality, second.files], ['exact', 1]);
    assert.equal(await text(second.theirs, 'log'), 'xy');
  });

  it('takes a file that vanished while being read for unknown, not for deleted', async () => {
    const ancestor = treeOf({ a: '1', b: '2' });
    guest.write('a', '1');
    guest.write('b', 'two');
    guest.beforeWant = () => rmSync(guest.at('b'), { force: true });
    const { theirs, unknown, quality } = await guest.pull({ ancestor });
    assert.deepEqual([theirs.get(relPath('b')), [...unknown], quality], [fileNode('2'), ['b'], 'partial']);
    assert.deepEqual([...(await guest.pull({ ancestor })).theirs.keys()], ['a']);
  });

  it('takes nothing below an unreadable folder for deleted', async () => {
    const ancestor = treeOf({ a: '1', 'd/x': '2', 'd/e/y': '3', 'gone/z': '4' });
    guest.write('a', '1');
    guest.write('d/x', '2');
    chmodSync(guest.at('d'), 0);
    const { theirs, unknown, quality, skipped } = await guest.pull({ ancestor });
    assert.deepEqual([...theirs.keys()], ['a', 'd/e/y', 'd/x']);
    assert.deepEqual([[...unknown].sort(), quality], [['d/e/y', 'd/x'], 'partial']);
    assert.deepEqual(skipped, [{ path: 'd', why: 'unreadable' }]);
  });

  it('keeps what it knew of a file that became unreadable', async () => {
    const ancestor = treeOf({ 'd/x': 'old' });
    guest.write('d/x', 'new');
    await guest.pull({ ancestor });
    chmodSync(guest.at('d'), 0);
    assert.deepEqual((await guest.pull({ ancestor })).theirs.get(relPath('d/x')), fileNode('new'));
  });

  it('takes nothing behind a link that replaced a folder for deleted, and never follows it', async () => {
    const ancestor = treeOf({ 'd/x': '2', keep: '1' });
    guest.write('keep', '1');
    guest.write('elsewhere/x', 'other');
    symlinkSync('elsewhere', guest.at('d'));
    const { theirs, unknown, skipped } = await guest.pull({ ancestor });
    assert.deepEqual([theirs.get(relPath('d/x')), [...unknown]], [fileNode('2'), ['d/x']]);
    assert.deepEqual(skipped, [{ path: 'd', why: 'link' }]);
  });

  it('takes the files of a folder that became a file for deleted', async () => {
    const ancestor = treeOf({ 'd/x': '2', keep: '1' });
    guest.write('keep', '1');
    guest.write('d', 'now a file');
    const { theirs, unknown } = await guest.pull({ ancestor });
    assert.deepEqual([[...theirs.keys()], unknown.size], [['d', 'keep'], 0]);
  });

  it('leaves new links, pipes and bad names inside and says so, and keeps a link that was sent', async () => {
    const ancestor: Tree = new Map([[relPath('cur'), { t: 'link', target: 'a' }]]);
    guest.write('a', '1');
    symlinkSync('a', guest.at('cur'));
    symlinkSync('/etc/passwd', guest.at('evil'));
    guest.write('b\\c', 'x');
    linkSync(guest.at('a'), guest.at('hard'));
    const { theirs, skipped } = await guest.pull({ ancestor });
    assert.deepEqual([...theirs.keys()], ['a', 'cur', 'hard']);
    assert.equal(await text(theirs, 'hard'), '1');
    assert.deepEqual(skipped.map(({ path, why }) => [path, why]).sort(), [
      ['b\\c', 'bad-name'],
      ['evil', 'link'],
    ]);
    unlinkSync(guest.at('b\\c'));
    assert.deepEqual(
      (await guest.pull({ ancestor })).skipped.map(({ path }) => path),
      ['evil'],
    );
  });

  it('takes no change of a link home', async () => {
    const ancestor: Tree = new Map([[relPath('cur'), { t: 'link', target: 'a' }]]);
    symlinkSync('/etc', guest.at('cur'));
    const { theirs, unknown } = await guest.pull({ ancestor });
    assert.deepEqual([[...theirs], [...unknown]], [[...ancestor], ['cur']]);
  });

  it('takes only one of two new names that are one on another file system', async () => {
    const ancestor = treeOf({ 'README.md': '1' });
    for (const path of ['README.md', 'readme.md', 'Src/a', 'src/b', 'caf\u00e9', 'cafe\u0301']) guest.write(path, '1');
    const { theirs, skipped } = await guest.pull({ ancestor });
    assert.deepEqual([...theirs.keys()], ['README.md', 'Src/a', 'cafe\u0301']);
    assert.deepEqual(
      skipped.map(({ path, why }) => [path, why]),
      [
        ['caf\u00e9', 'case-collision'],
        ['readme.md', 'case-collision'],
        ['src', 'case-collision'],
      ],
    );
  });

  it('keeps two names apart that this machine holds apart', async () => {
    const ancestor = treeOf({ a: '1', A: '2' });
    guest.write('a', '1');
    guest.write('A', '2');
    assert.deepEqual([...(await guest.pull({ ancestor })).theirs], [...(await guest.pull({ ancestor })).theirs]);
    assert.deepEqual([...(await guest.pull({ ancestor })).theirs.keys()], ['A', 'a']);
  });

  it('keeps to its limits, says so, and takes nothing left out for deleted', async () => {
    const ancestor = treeOf({ big: 'b' });
    guest.write('a', '1');
    guest.write('big', '');
    truncateSync(guest.at('big'), 5000);
    guest.write('c', '3');
    const { theirs, skipped, quality } = await guest.pull({ ancestor, limits: { maxFileBytes: 1000, maxFiles: 1 } });
    assert.deepEqual([...theirs], [...treeOf({ a: '1', big: 'b' })]);
    assert.deepEqual(skipped, [
      { path: 'big', why: 'too-large' },
      { path: 'c', why: 'too-many' },
    ]);
    assert.equal(quality, 'partial');
    const bytes = await guest.pull({
      ancestor: emptyTree,
      theirs: emptyTree,
      table: undefined as never,
      limits: { maxBytes: 1 },
    });
    assert.deepEqual([...bytes.theirs.keys()], ['a']);
  });

  it('leaves new files that the folder itself ignores inside, but never a file that both sides know', async () => {
    const ancestor = treeOf({ 'dist/kept': '1' });
    for (const path of ['dist/kept', 'dist/new', 'src/new']) guest.write(path, '1');
    const asked: RelPath[] = [];
    const ignored = (paths: readonly RelPath[]) => {
      asked.push(...paths);
      return Promise.resolve(new Set(paths.filter((path) => path.startsWith('dist/'))));
    };
    const { theirs } = await guest.pull({ ancestor, ignored });
    assert.deepEqual(
      [[...theirs.keys()], asked],
      [
        ['dist/kept', 'src/new'],
        ['dist/new', 'src/new'],
      ],
    );
  });

  it('warns when over a fifth of the files is gone', async () => {
    const ancestor = treeOf(Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`f${at}`, 'x'])));
    for (const path of ancestor.keys()) guest.write(path, 'x');
    unlinkSync(guest.at('f0'));
    unlinkSync(guest.at('f1'));
    assert.deepEqual((await guest.pull({ ancestor })).warnings, []);
    unlinkSync(guest.at('f2'));
    assert.match((await guest.pull({ ancestor })).warnings.join(), /3 of 10 files are gone/);
  });

  it('changes nothing where the reply is not whole', async () => {
    guest.write('a', '1');
    const { sandbox } = guest;
    const failing = {
      ...sandbox,
      incarnation: 'boot-1',
      download: async (...[request, options]: Parameters<typeof sandbox.download>) => {
        const stream = await sandbox.download(request, options);
        return { ...stream, outcome: Promise.resolve({ kind: 'exited', code: 70 } as const) };
      },
    };
    const rejected = (error: unknown) => error instanceof AirlockError && error.problem.id === 'pull-failed';
    await assert.rejects(guest.pull({ sandbox: failing }), rejected);
    rmSync(guest.root, { recursive: true });
    await assert.rejects(guest.pull(), rejected);
    mkdirSync(guest.root);
  });

  it('refuses a reply in which the sandbox was restarted', async () => {
    guest.write('a', '1');
    guest.beforeWant = () => {
      guest.incarnation = 'boot-2';
    };
    await assert.rejects(guest.pull(), /restarted/);
  });

  it('says that it was cancelled', async () => {
    const stop = new AbortController();
    stop.abort();
    const cancelled = (error: unknown) => error instanceof AirlockError && error.problem.id === 'aborted';
    await assert.rejects(guest.pull({ signal: stop.signal }), cancelled);
  });

  it('reads its table back after a restart, and nothing else', async () => {
    guest.write('a', '1');
    symlinkSync('a', guest.at('l'));
    const { table } = await guest.pull();
    assert.deepEqual(readGuestTable(writeGuestTable(table)), table);
    assert.equal(readGuestTable(Buffer.from('{"v":1}')), undefined);
    assert.equal(readGuestTable(Buffer.from('no')), undefined);
  });
});
