import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { type GuestPath, inGuest, relPath } from '../../src/core/paths.ts';
import type { Sandbox, Upload, UploadOptions } from '../../src/core/sandbox.ts';
import { awkwardNames, tarOf, type TarEntry } from '../support/tarOf.ts';
import { never, scaled, type Traits } from './harness.ts';
import { freshFolder, request, sh, Watched } from './running.ts';
import { openPull, pull, tree } from './pulling.ts';

/** Files that go in and come back. */
export function bulkChapter(traits: Traits, sandbox: () => Sandbox): void {
  const upload = (
    root: GuestPath,
    entries: Iterable<readonly [string, TarEntry]>,
    more: Partial<UploadOptions> & { deletions?: string[] } = {},
  ): Promise<Upload> => {
    const { deletions = [], ...options } = more;
    const tar = tarOf(entries);
    return sandbox().upload(tar, deletions.map(relPath), { root, mode: 'replace', signal: never, ...options });
  };
  const freshRoot = async () => inGuest(await freshFolder(sandbox()), relPath('root'));
  const committed = { kind: 'committed' };

  it('takes a tree in and gives it back, byte for byte', async () => {
    const root = await freshRoot();
    const all = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
    const large = randomBytes(scaled(traits, 20) * 1024 * 1024);
    const done: number[] = [];
    const entries: [string, TarEntry][] = [
      ['all-bytes', all],
      ['large', large],
      ['zero', ''],
      ['run.sh', { bytes: '#!/bin/sh\necho ran\n', mode: 0o755 }],
      ['private', { bytes: 'p', mode: 0o600 }],
      ['empty', { folder: true }],
      ['deep/in/here', 'x'],
      ['link', { link: 'deep/in' }],
      ['dangling', { link: '/no/such' }],
    ];
    assert.deepEqual(await upload(root, entries, { onProgress: (bytes) => done.push(bytes) }), committed);
    assert.ok((done.at(-1) ?? 0) > large.length);
    assert.equal(
      await sh(sandbox(), 'cd "$1" && ./run.sh && cat link/here && stat -c %a private', root),
      'ran\nx600\n',
    );
    const got = await tree(sandbox(), root);
    const hash = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');
    assert.deepEqual(got, {
      'all-bytes': `f ${hash(all)}`,
      large: `f ${hash(large)}`,
      zero: `f ${hash('')}`,
      'run.sh': `x ${hash('#!/bin/sh\necho ran\n')}`,
      private: `f ${hash('p')}`,
      empty: 'd',
      deep: 'd',
      'deep/in': 'd',
      'deep/in/here': `f ${hash('x')}`,
      link: 'l deep/in',
      dangling: 'l /no/such',
    });
  });

  it('keeps every awkward name both ways', async () => {
    const root = await freshRoot();
    const names = awkwardNames.flatMap((name) => [name, `in/${name}/deep`]);
    assert.deepEqual(
      await upload(
        root,
        names.map((name) => [name, name]),
      ),
      committed,
    );
    const got = await pull(sandbox(), { root, exclude: [], want: names.map(relPath) });
    assert.deepEqual(Object.fromEntries(got.files), Object.fromEntries(names.map((name) => [name, name])));
  });

  it('carries 10,000 files and tells which few of them changed', async () => {
    const root = await freshRoot();
    const count = scaled(traits, 10_000);
    const entries = Array.from({ length: count }, (_, at) => [`d${at % 100}/f${at}.txt`, `content ${at}`] as const);
    assert.deepEqual(await upload(root, entries), committed);
    const first = await pull(sandbox(), { root, exclude: [] });
    assert.equal(first.listing.kind, 'full');
    assert.equal(first.listing.rows.filter((row) => row.type === 'file').length, count);
    const same = await pull(sandbox(), { root, exclude: [], since: first.listing.id });
    assert.equal(same.listing.kind, 'same');
    await sh(sandbox(), 'cd "$1"; for i in 1 2 3 4; do echo new >d$i/f$i.txt; done; rm d5/f5.txt; echo n >added', root);
    const since = { root, exclude: [], since: first.listing.id };
    const next = await pull(sandbox(), since);
    assert.equal(next.listing.kind, 'delta');
    assert.deepEqual(next.listing.removed, ['d5/f5.txt']);
    const changed = [...[1, 2, 3, 4].map((at) => [`d${at}/f${at}.txt`, 'new\n']), ['added', 'n\n']];
    const speculated = new Map(next.files);
    for (const [path = '', content = ''] of changed) {
      assert.ok(next.listing.rows.some((row) => row.path === path));
      const got = speculated.get(path) ?? (await pull(sandbox(), { ...since, want: [relPath(path)] })).files.get(path);
      assert.equal(got, content);
    }
  });

  it('replaces the whole root, or merges and deletes', async () => {
    const root = await freshRoot();
    assert.deepEqual(
      await upload(root, [
        ['a', '1'],
        ['b/c', '2'],
      ]),
      committed,
    );
    assert.deepEqual(
      await upload(
        root,
        [
          ['b/d', '3'],
          ['new/e', '4'],
        ],
        { mode: 'merge', deletions: ['a'] },
      ),
      committed,
    );
    assert.equal(await sh(sandbox(), 'cd "$1" && find . -type f | sort', root), './b/c\n./b/d\n./new/e\n');
    assert.deepEqual(await upload(root, [['only', '5']]), committed);
    assert.equal(await sh(sandbox(), 'cd "$1" && find . -mindepth 1; ls -A ..', root), './only\nroot\n');
  });

  it('never writes or deletes through a link that the guest planted', async () => {
    const root = await freshRoot();
    await upload(root, [['real', 'r']]);
    await sh(
      sandbox(),
      'cd "$1"; mkdir ../out; echo precious >../out/file; ln -s ../out sub; ln -s ../out/file file; ln -s ../out zap',
      root,
    );
    assert.deepEqual(
      await upload(root, [['file', 'ours']], { mode: 'merge', deletions: ['sub/file', 'zap'] }),
      committed,
    );
    assert.equal(await sh(sandbox(), 'cd "$1"; cat file ../out/file; ls', root), 'oursprecious\nfile\nreal\nsub\n');
    const refused = await upload(
      root,
      [
        ['real', 'changed'],
        ['sub/evil', 'x'],
      ],
      { mode: 'merge' },
    );
    assert.equal(refused.kind, 'not-committed');
    assert.equal(await sh(sandbox(), 'cd "$1"; cat real; ls ../out', root), 'rfile\n');
  });

  it('never gives the bytes behind a link', async () => {
    const root = await freshRoot();
    await upload(root, [['a', '1']]);
    await sh(sandbox(), 'cd "$1"; ln -s /etc/passwd secret; ln -s /etc etc; mkfifo pipe', root);
    const got = await pull(sandbox(), { root, exclude: [], want: ['secret', 'etc', 'pipe', 'a'].map(relPath) });
    assert.deepEqual([...got.files.keys()], ['a']);
    assert.deepEqual([...got.links.keys()].sort(), ['etc', 'secret']);
    const { listing } = await pull(sandbox(), { root, exclude: [] });
    assert.equal(listing.kind, 'full');
    assert.deepEqual(listing.rows.map((row) => row.path).sort(), ['a', 'etc', 'pipe', 'secret']);
  });

  it('shows nothing of an upload that was cancelled in the middle', async () => {
    for (const mode of ['replace', 'merge'] as const) {
      const root = await freshRoot();
      assert.deepEqual(await upload(root, [['a', 'old']]), committed);
      const controller = new AbortController();
      const onProgress = (bytes: number) => {
        if (bytes > 1_000_000) controller.abort();
      };
      const entries = Array.from({ length: 200 }, (_, at) => [`f${at}`, randomBytes(100_000)] as const);
      const answer = await upload(root, entries, { mode, deletions: ['a'], signal: controller.signal, onProgress });
      assert.equal(answer.kind, 'not-committed');
      assert.equal(await sh(sandbox(), 'cd "$1"; cat a; ls; ls -A ..', root), 'olda\nroot\n');
    }
  });

  it('shows nothing of an upload whose source broke', async () => {
    const root = await freshRoot();
    assert.deepEqual(await upload(root, [['a', 'old']]), committed);
    async function* broken(): AsyncGenerator<Uint8Array> {
      for await (const bytes of tarOf([
        ['a', 'new'],
        ['b', 'x'],
      ])) {
        yield bytes;
        throw new Error('the disk broke');
      }
    }
    const answer = await sandbox().upload(broken(), [], { root, mode: 'merge', signal: never });
    assert.equal(answer.kind, 'not-committed');
    assert.equal(await sh(sandbox(), 'cd "$1"; cat a; ls', root), 'olda\n');
  });

  it('gives a whole answer while files change under it', async () => {
    const root = await freshRoot();
    const names = Array.from({ length: 300 }, (_, at) => `f${at}`);
    await upload(
      root,
      names.map((name) => [name, name.repeat(100)]),
    );
    const script =
      'cd "$1"; echo up; while :; do for i in 1 2 3 4 5 6 7 8 9; do echo more >>f$i; : >f2$i; mkdir n$i; mv f1$i n$i/x; mv n$i/x f1$i; rmdir n$i; done; done';
    const busy = new Watched(sandbox().exec(request(sandbox(), ['sh', '-c', script, 'sh', root])));
    await busy.saw('up');
    let since: string | undefined;
    for (let round = 0; round < 8; round += 1) {
      const asked = { root, exclude: [], ...(since === undefined ? {} : { since }) };
      const { listing } = await pull(sandbox(), asked);
      assert.notEqual(listing.kind, 'none');
      since = listing.kind === 'none' ? undefined : listing.id;
      const { files } = await pull(sandbox(), { root, exclude: [], want: names.map(relPath) });
      assert.ok(files.size >= names.length - 9);
    }
    await busy.exec.interrupt('KILL');
    await busy.finished;
  });

  it('proves no pull complete that was cancelled in the middle', async () => {
    const root = await freshRoot();
    await upload(root, [['large', randomBytes(8_000_000)]]);
    const controller = new AbortController();
    const request = { root, exclude: [], want: [relPath('large')] };
    const onProgress = (bytes: number) => {
      if (bytes > 1_000_000) controller.abort();
    };
    const opened = await openPull(sandbox(), request, { signal: controller.signal, onProgress });
    await assert.rejects(opened.readAll());
    // Its command is over, and may have come to its end just before.
    await opened.outcome;
  });

  it('leaves out .git and what was excluded', async () => {
    const root = await freshRoot();
    await upload(
      root,
      ['.git/config', 'sub/.git/x', 'deps/x', 'src/deps/y'].map((name) => [name, name]),
    );
    const { listing } = await pull(sandbox(), { root, exclude: [relPath('deps')] });
    assert.equal(listing.kind, 'full');
    assert.deepEqual(listing.rows.map((row) => row.path).sort(), ['src', 'src/deps', 'src/deps/y', 'sub']);
  });

  it('takes in the whole folder that workspaces lie in', async () => {
    const root = sandbox().workspaceRoot;
    await sh(sandbox(), 'cd "$1" && mkdir -p old/one && : >.hidden', root);
    assert.deepEqual(
      await upload(root, [
        ['a', '1'],
        ['p/b', '2'],
      ]),
      committed,
    );
    assert.deepEqual(await upload(root, [['p/c', '3']], { mode: 'merge', deletions: ['a'] }), committed);
    assert.equal(await sh(sandbox(), 'cd "$1" && find . -mindepth 1 | sort', root), './p\n./p/b\n./p/c\n');
    const { listing } = await pull(sandbox(), { root, exclude: [] });
    assert.deepEqual(listing.kind === 'full' && listing.rows.map((row) => row.path).sort(), ['p', 'p/b', 'p/c']);
  });
}
