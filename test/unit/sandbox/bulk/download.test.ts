import assert from 'node:assert/strict';
import {
  chmodSync,
  lchownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { relPath } from '../../../../src/core/paths.ts';
import { openHostile, type PullRequest } from '../../../../src/core/sandbox.ts';
import { parsePullReply, type PullListing, type PullMember } from '../../../../src/core/sync/pullReply.ts';
import { downloadByExec } from '../../../../src/sandbox/bulk/index.ts';
import { type BulkBench, plant, withEachToolSet } from '../../../support/bulkTools.ts';
import { awkwardNames } from '../../../support/tarOf.ts';

type Got = { listing: PullListing; members: (PullMember & { content?: string })[]; code: number | string };

describe('downloading by exec', () => {
  withEachToolSet((bench) => {
    const pull = (more: Partial<Omit<PullRequest, 'root'>> = {}) => pullFrom(bench(), more);

    it('lists types, modes and names of everything but .git', async () => {
      plant(bench(), {
        'a/file': 'abc',
        'run.sh': '#!',
        '.git/config': 'x',
        'sub/.git': 'gitdir: x',
        '.github/ci': 'y',
      });
      chmodSync(join(bench().root, 'run.sh'), 0o755);
      mkdirSync(join(bench().root, 'empty'));
      symlinkSync('a//=/file', join(bench().root, 'link'));
      const { listing, members, code } = await pull();
      assert.equal(code, 0);
      assert.deepEqual(members, []);
      assert.equal(listing.kind, 'full');
      const rows = [...listing.rows].sort((one, other) => (one.path < other.path ? -1 : 1));
      assert.deepEqual(
        rows.map(({ path, type, exec, target }) => [path, type, exec, target]),
        [
          ['.github', 'dir', false, undefined],
          ['.github/ci', 'file', false, undefined],
          ['a', 'dir', false, undefined],
          ['a/file', 'file', false, undefined],
          ['empty', 'dir', false, undefined],
          ['link', 'link', false, 'a//=/file'],
          ['run.sh', 'file', true, undefined],
          ['sub', 'dir', false, undefined],
        ],
      );
      assert.equal(rows.find((row) => row.path === 'a/file')?.size, 3);
      assert.equal(listing.torn, false);
    });

    it('carries every awkward name, also to the bytes', async () => {
      plant(
        bench(),
        Object.fromEntries(
          awkwardNames.flatMap((name) => [
            [name, name],
            [`in/${name}/deep`, name],
          ]),
        ),
      );
      const { listing } = await pull();
      assert.equal(listing.kind, 'full');
      const paths = listing.rows.filter((row) => row.type === 'file').map((row) => row.path);
      assert.deepEqual([...paths].sort(), awkwardNames.flatMap((name) => [name, `in/${name}/deep`]).sort());
      const { members } = await pull({ want: paths });
      assert.equal(members.length, paths.length);
      for (const member of members) {
        assert.equal(member.kind, 'file');
        assert.equal(member.path.includes(member.content ?? '?'), true);
      }
    });

    it('answers an unchanged tree without a row and a changed one with what changed', async () => {
      plant(bench(), { same: '1', changed: '2', removed: '3', 'dir/moved': '4' });
      const first = idOf((await pull()).listing);
      const unchanged = await pull({ since: first });
      assert.deepEqual([unchanged.listing.kind, unchanged.members], ['same', []]);
      writeFileSync(join(bench().root, 'changed'), 'two');
      rmSync(join(bench().root, 'removed'));
      renameSync(join(bench().root, 'dir'), join(bench().root, 'folder'));
      symlinkSync('same', join(bench().root, 'fresh'));
      const { listing, members } = await pull({ since: first });
      assert.equal(listing.kind, 'delta');
      assert.deepEqual(listing.rows.map((row) => row.path).sort(), ['changed', 'folder', 'folder/moved', 'fresh']);
      assert.deepEqual([...listing.removed].sort(), ['dir', 'dir/moved', 'removed']);
      assert.deepEqual(members.map((member) => [member.kind, shown(member)]).sort(), [
        ['file', 'changed=two'],
        ['file', 'folder/moved=4'],
        ['link', 'fresh>same'],
      ]);
      const full = await pull();
      assert.equal(idOf(full.listing), listing.id);
    });

    it('gives a full listing where the guest has lost its cache, or where other paths were left out', async () => {
      plant(bench(), { a: '1', 'deps/b': '2' });
      const first = idOf((await pull()).listing);
      plant(bench(), { c: '3' });
      const other = await pull({ since: first, exclude: [relPath('deps')] });
      assert.equal(other.listing.kind, 'full');
      assert.deepEqual(other.listing.rows.map((row) => row.path).sort(), ['a', 'c']);
      rmSync(join(bench().folder, 'home', '.cache'), { recursive: true });
      assert.equal((await pull({ since: first })).listing.kind, 'full');
    });

    it('leaves out exactly what is excluded, wildcards taken literally', async () => {
      plant(bench(), { 'node_modules/x': '1', 'a/node_modules/y': '2', '*/z': '3', 'b/z': '4', '[b]': '5' });
      const { listing } = await pull({ exclude: ['node_modules', '*', '[b]'].map(relPath) });
      assert.equal(listing.kind, 'full');
      assert.deepEqual(listing.rows.map((row) => row.path).sort(), [
        'a',
        'a/node_modules',
        'a/node_modules/y',
        'b',
        'b/z',
      ]);
    });

    it('reports names that are not UTF-8 or not allowed as skipped', async () => {
      plant(bench(), { good: '1', 'with:colon': '2', 'back\\slash': '3' });
      writeFileSync(Buffer.concat([Buffer.from(`${bench().root}/bad`), Buffer.from([0xff])]), 'x');
      const { listing } = await pull();
      assert.equal(listing.kind, 'full');
      assert.deepEqual(
        listing.rows.map((row) => row.path),
        ['good'],
      );
      assert.deepEqual(listing.skipped.map(({ name, why }) => [name, why]).sort(), [
        ['back\\slash', 'bad-name'],
        ['bad\ufffd', 'bad-name'],
        ['with:colon', 'bad-name'],
      ]);
    });

    it('tells apart what is missing from what was wanted, and never follows a link', async () => {
      plant(bench(), { a: 'A', secret: 'S' });
      symlinkSync('secret', join(bench().root, 'link'));
      linkSync(join(bench().root, 'a'), join(bench().root, 'hard'));
      const { members, code, listing } = await pull({ want: ['a', 'nope', 'link', 'hard'].map(relPath) });
      assert.equal(code, 0);
      assert.equal(listing.kind, 'none');
      const seen = members.map(shown);
      assert.deepEqual(seen.slice(0, 2), ['a=A', 'link>secret']);
      assert.equal(['hard=A', 'hard~a'].includes(seen[2] ?? ''), true);
      assert.equal(seen.length, 3);
      assert.deepEqual((await pull({ want: [] })).members, []);
    });

    it('sends no large file before it is asked for', async () => {
      plant(bench(), { a: '1' });
      const first = idOf((await pull()).listing);
      plant(bench(), { small: 's', large: 'x'.repeat(9 * 1024 * 1024) });
      const { listing, members } = await pull({ since: first });
      assert.equal(listing.kind === 'delta' && listing.rows.length, 2);
      assert.deepEqual(members.map(shown), ['small=s']);
    });

    it('keeps its temporary files to itself and forgets old listings', async () => {
      plant(bench(), { a: '1' });
      let since = idOf((await pull()).listing);
      for (const content of ['2', '3', '4']) {
        writeFileSync(join(bench().root, 'a'), content.repeat(Number(content)));
        since = idOf((await pull({ since })).listing);
      }
      const cached = readdirSync(join(bench().folder, 'home', '.cache', 'airlock'));
      assert.equal(cached.length, 2);
      assert.equal(
        cached.some((name) => name.endsWith(since)),
        true,
      );
    });

    it('fails where the root is gone or a link', async () => {
      assert.equal((await pullRaw(bench())).code, 66);
      mkdirSync(join(bench().folder, 'other'));
      symlinkSync(join(bench().folder, 'other'), bench().root);
      const { code, bytes } = await pullRaw(bench());
      assert.deepEqual([code, bytes], [66, 0]);
    });

    it('names a folder that it cannot read, so that its children are not taken for deleted', async function () {
      plant(bench(), { 'locked/file': 'x', 'open/file': 'y' });
      if (process.getuid?.() !== 0) {
        chmodSync(join(bench().root, 'locked'), 0);
        await checkLocked(pull);
        chmodSync(join(bench().root, 'locked'), 0o755);
        return;
      }
      // The superuser reads everything: run the tools as somebody else.
      const nobody = 65534;
      for (const at of [bench().folder, bench().parent, join(bench().folder, 'home'), bench().root])
        chmodSync(at, 0o777);
      for (const name of ['locked', 'locked/file', 'open', 'open/file'])
        lchownSync(join(bench().root, name), nobody, nobody);
      chmodSync(join(bench().root, 'locked'), 0);
      await checkLocked((more = {}) => pullFrom(bench(), more, nobody));
    });

    it('sees a change that keeps size and modification time', async () => {
      plant(bench(), { a: 'one' });
      const at = new Date('2020-01-01');
      utimesSync(join(bench().root, 'a'), at, at);
      const before = await pull();
      rmSync(join(bench().root, 'a'));
      plant(bench(), { b: 'two' });
      renameSync(join(bench().root, 'b'), join(bench().root, 'a'));
      utimesSync(join(bench().root, 'a'), at, at);
      chmodSync(join(bench().root, 'a'), 0o600);
      const { listing } = await pull({ since: idOf(before.listing) });
      assert.equal(listing.kind, 'delta');
      assert.deepEqual(
        listing.rows.map((row) => row.path).filter((path) => path === 'a'),
        ['a'],
      );
    });
  });
});

async function checkLocked(pull: (more?: Partial<Omit<PullRequest, 'root'>>) => Promise<Got>): Promise<void> {
  const { listing, code } = await pull();
  assert.equal(code, 0);
  assert.equal(listing.kind, 'full');
  assert.deepEqual(listing.unreadable, ['locked']);
  assert.equal(listing.torn, false);
  assert.equal(
    listing.rows.some((row) => row.path === 'locked'),
    true,
  );
  assert.equal(
    listing.rows.some((row) => row.path === 'open/file'),
    true,
  );
  assert.equal((await pull({ since: listing.id })).listing.kind, 'same');
}

const shown = (member: PullMember & { content?: string }): string => {
  switch (member.kind) {
    case 'file':
      return `${member.path}=${member.content ?? ''}`;
    case 'link':
      return `${member.path}>${member.target}`;
    case 'same-as':
      return `${member.path}~${member.earlier}`;
    case 'dir':
      return member.path;
    case 'skipped':
      return `!${member.name}`;
  }
};

function idOf(listing: PullListing): string {
  assert.notEqual(listing.kind, 'none');
  return listing.kind === 'none' ? '' : listing.id;
}

async function pullFrom(bench: BulkBench, more: Partial<Omit<PullRequest, 'root'>>, uid?: number): Promise<Got> {
  const request = { root: bench.root, exclude: [], ...more };
  const signal = new AbortController().signal;
  const stream = await downloadByExec((asked) => bench.exec(asked, uid), request, { signal });
  const reply = await parsePullReply(stream.bytes, undefined, request);
  const members: Got['members'] = [];
  for await (const member of reply.members) {
    if (member.kind !== 'file') members.push(member);
    else {
      const parts: Uint8Array[] = [];
      for await (const bytes of member.bytes) parts.push(bytes);
      members.push({ ...member, content: Buffer.concat(parts).toString() });
    }
  }
  const outcome = await stream.outcome;
  return { listing: reply.listing, members, code: outcome.kind === 'exited' ? outcome.code : outcome.kind };
}

/** The exit code and the number of bytes of a reply that nobody parses. */
async function pullRaw(bench: BulkBench): Promise<{ code: number | string; bytes: number }> {
  const options = { signal: new AbortController().signal };
  const stream = await downloadByExec(bench.exec, { root: bench.root, exclude: [] }, options);
  let bytes = 0;
  for await (const piece of openHostile(stream.bytes)) bytes += piece.length;
  const outcome = await stream.outcome;
  return { code: outcome.kind === 'exited' ? outcome.code : outcome.kind, bytes };
}
