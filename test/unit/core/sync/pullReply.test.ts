import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { array, assert as hold, asyncProperty, integer, nat, tuple } from 'fast-check';
import { relPath } from '../../../../src/core/paths.ts';
import { AirlockError, type ErrorId } from '../../../../src/core/problem.ts';
import { hostile, type PullRequest } from '../../../../src/core/sandbox.ts';
import {
  defaultPullLimits,
  parsePullReply,
  type PullLimits,
  type PullListing,
} from '../../../../src/core/sync/pullReply.ts';
import { tarOf, type TarEntry } from '../../../support/tarOf.ts';

const row = (path: string, type = 'f') => `${type} 644 12 3 1700000000.5 1700000001 ${path}//=`;

interface Parts {
  kind?: string;
  id?: string;
  rows?: string[];
  errors?: number;
  tar?: Uint8Array;
  head?: string;
  end?: string;
}

/** A reply as the program inside would write it, or with any part of it bent. */
function reply(parts: Parts): Buffer {
  const { kind = 'full', rows = [], errors = 0, tar = new Uint8Array(0) } = parts;
  const body = Buffer.from(rows.map((line) => `${line}\n`).join(''), 'latin1');
  const id = parts.id ?? (kind === 'want' ? '-' : createHash('sha256').update(body).digest('hex'));
  const head = parts.head ?? `airlock-pull 1 ${kind} ${id} 1700000002 ${rows.length} ${body.length} ${errors}`;
  const end = parts.end ?? `airlock-end ${kind === 'want' ? '0' : id} ${errors}`;
  return Buffer.concat([Buffer.from(`${head}\n`), body, tar, Buffer.from(`${end.padEnd(511)}\n`)]);
}

async function tar(entries: [string, TarEntry][]): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const bytes of tarOf(entries)) parts.push(bytes);
  return Buffer.concat(parts);
}

async function* inPieces(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? bytes.length;
    yield await Promise.resolve(bytes.subarray(at, at + size));
    at += size;
  }
}

async function parse(
  bytes: Uint8Array,
  options: { limits?: Partial<PullLimits>; request?: Pick<PullRequest, 'since' | 'want'>; sizes?: number[] } = {},
): Promise<{ listing: PullListing; seen: string[] }> {
  const limits = { ...defaultPullLimits, ...options.limits };
  const stream = hostile(inPieces(bytes, options.sizes ?? [bytes.length]));
  const { listing, members } = await parsePullReply(stream, limits, options.request);
  const seen: string[] = [];
  for await (const member of members) {
    if (member.kind === 'skipped') seen.push(`!${member.why} ${member.name}`);
    else if (member.kind === 'file') {
      const content: Uint8Array[] = [];
      for await (const piece of member.bytes) content.push(piece);
      seen.push(`${member.path}=${Buffer.concat(content).toString('latin1')}${member.exec ? '*' : ''}`);
    } else seen.push(`${member.kind} ${member.path}`);
  }
  return { listing, seen };
}

async function refused(id: ErrorId, bytes: Uint8Array, options: Parameters<typeof parse>[1] = {}): Promise<void> {
  await assert.rejects(parse(bytes, options), (error) => error instanceof AirlockError && error.problem.id === id);
}

describe('reading a pull reply', () => {
  it('gives the same however the bytes are cut', async () => {
    const archive = await tar([
      ['./a', 'one'],
      ['./b.sh', { bytes: 'x'.repeat(1500), mode: 0o755 }],
      ['./d', { folder: true }],
      [`./${'deep/'.repeat(40)}file`, 'far'],
    ]);
    const bytes = reply({ rows: [row('a'), row('new//nline'), row('d', 'd')], tar: archive });
    const whole = await parse(bytes);
    assert.deepEqual(whole.seen.slice(0, 1), ['a=one']);
    assert.equal(whole.seen.length, 4);
    await hold(
      asyncProperty(array(integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 5 }), async (sizes) => {
        assert.deepEqual(await parse(bytes, { sizes }), whole);
      }),
      { numRuns: 25 },
    );
  });

  it('reads a row into a tag that changes with any of its parts', async () => {
    const { listing } = await parse(reply({ rows: [row('a'), 'f 755 9 12 -1 5 b//=', 'l 777 1 2 3 4 c//=to'] }));
    assert.equal(listing.kind, 'full');
    const [a, b, c] = listing.rows;
    assert.deepEqual(
      [a?.path, a?.type, a?.size, a?.exec, a?.changedAt, a?.tag],
      ['a', 'file', 3, false, 1700000001, 'f:644:12:3:1700000000.5:1700000001'],
    );
    assert.deepEqual([b?.exec, b?.changedAt, c?.type, c?.target], [true, 5, 'link', 'to']);
    assert.equal(listing.takenAt, 1700000002);
  });

  it('skips every name that could leave the workspace', async () => {
    const bad = ['../x', '/etc/passwd', 'a/../b', 'a/./b', '', '.', 'c:x', 'back\\slash', 'bad\xff', 'a//b', 'nul\0'];
    const { listing } = await parse(reply({ rows: bad.map((name) => row(name)) }));
    assert.equal(listing.kind, 'full');
    assert.deepEqual(listing.rows, []);
    assert.equal(listing.skipped.length, bad.length);
    const members = ['./../x', '/etc/passwd', './a/../b', './c:x', './back\\slash'];
    const archive = await tar(members.map((name) => [name, 'x']));
    const { seen } = await parse(reply({ tar: archive }));
    assert.deepEqual(
      seen,
      members.map((name) => `!bad-name ${name}`),
    );
  });

  it('treats a delta as rows that are and rows that were', async () => {
    const { listing } = await parse(
      reply({
        kind: 'delta',
        id: 'a'.repeat(64),
        rows: [`+${row('b')}`, `-${row('b')}`, `-${row('c')}`, `-${row('x:y')}`],
      }),
      { request: { since: 'b'.repeat(64) } },
    );
    assert.equal(listing.kind, 'delta');
    assert.deepEqual(
      listing.rows.map((found) => found.path),
      ['b'],
    );
    assert.deepEqual(listing.removed, ['c']);
    assert.deepEqual(listing.unskipped, ['x:y']);
    await refused('protocol', reply({ kind: 'delta', id: 'a'.repeat(64), rows: [row('b')] }));
    await refused('protocol', reply({ kind: 'delta', id: 'a'.repeat(64), rows: ['-u locked//='] }));
  });

  it('creates nothing of links, devices and hard links, only names them', async () => {
    const archive = await tar([
      ['./l', { link: '/etc/passwd' }],
      ['./f', 'x'],
    ]);
    const hard = bend(archive, 512, (header) => header.write('1', 156));
    const device = bend(archive, 512, (header) => header.write('3', 156));
    assert.deepEqual((await parse(reply({ tar: archive }))).seen, ['link l', 'f=x']);
    assert.deepEqual((await parse(reply({ tar: hard.subarray(0, 1024) }))).seen, ['link l', '!link ./f']);
    assert.deepEqual((await parse(reply({ tar: device.subarray(0, 1024) }))).seen, ['link l', '!special-file ./f']);
  });

  it('skips a file over the limit and goes on behind it', async () => {
    const archive = await tar([
      ['./large', 'x'.repeat(2000)],
      ['./small', 'y'],
    ]);
    const { seen } = await parse(reply({ tar: archive }), { limits: { maxFileBytes: 1000 } });
    assert.deepEqual(seen, ['!too-large ./large', 'small=y']);
  });

  it('skips what nobody wanted', async () => {
    const archive = await tar([
      ['./a', '1'],
      ['./b', '2'],
    ]);
    const bytes = reply({ kind: 'want', tar: archive });
    assert.deepEqual((await parse(bytes, { request: { want: [relPath('b')] } })).seen, ['b=2']);
  });

  it('refuses an answer to another question', async () => {
    const since = 'a'.repeat(64);
    await refused('protocol', reply({ kind: 'want' }), { request: {} });
    await refused('protocol', reply({}), { request: { want: [] } });
    await refused('protocol', reply({ kind: 'same', id: 'b'.repeat(64) }), { request: { since } });
    await refused('protocol', reply({ kind: 'delta', id: since }), { request: {} });
    assert.equal((await parse(reply({ kind: 'same', id: since }), { request: { since } })).listing.kind, 'same');
  });

  it('refuses a full listing whose id is not its hash', async () => {
    await refused('protocol', reply({ rows: [row('a')], id: 'f'.repeat(64) }));
  });

  it('refuses a missing, wrong or doubled end', async () => {
    const good = reply({ rows: [row('a')], tar: await tar([['./a', 'x']]) });
    for (const length of [0, 10, 60, good.length - 512, good.length - 1]) {
      await refused('pull-failed', good.subarray(0, length));
    }
    await refused('protocol', Buffer.concat([good, Buffer.from('x')]));
    await refused('protocol', reply({ end: `airlock-end ${'0'.repeat(64)} 0` }));
    await refused('protocol', reply({ errors: 0, end: 'airlock-end' }));
  });

  it('reports what could not be listed', async () => {
    const { listing } = await parse(reply({ rows: [row('locked', 'd'), 'u locked//='], errors: 2 }));
    assert.equal(listing.kind, 'full');
    assert.deepEqual([listing.unreadable, listing.torn], [['locked'], true]);
  });

  it('counts and caps', async () => {
    const rows = ['a', 'b', 'c'].map((name) => row(name));
    await refused('limit', reply({ rows }), { limits: { maxRows: 2 } });
    await refused('limit', reply({ rows }), { limits: { maxListingBytes: 20 } });
    const archive = await tar(['a', 'b', 'c'].map((name) => [`./${name}`, 'x']));
    await refused('limit', reply({ tar: archive }), { limits: { maxMembers: 2 } });
    await refused('limit', reply({ tar: archive }), { limits: { maxTotalBytes: 2000 }, sizes: [512] });
    await refused('protocol', Buffer.alloc(100_000, 'x'));
    await refused('protocol', reply({ rows: [row('x'.repeat(70_000))] }));
  });

  it('meets any damage with a refusal of its own', async () => {
    const good = reply({
      rows: [row('a'), row('b', 'd'), 'l 777 1 2 3 4 c//=to', 'u b//='],
      tar: await tar([
        ['./a', 'one'],
        [`./${'deep/'.repeat(40)}file`, 'far'],
        ['./l', { link: 'x' }],
      ]),
    });
    await hold(
      asyncProperty(array(tuple(nat(good.length - 1), nat(255)), { minLength: 1, maxLength: 8 }), async (damage) => {
        const bent = Buffer.from(good);
        for (const [at, byte] of damage) bent[at] = byte;
        try {
          await parse(bent, { sizes: [333] });
        } catch (error) {
          assert.equal(error instanceof AirlockError, true, String(error));
        }
      }),
      { numRuns: 500 },
    );
  });
});

/** A copy of a tar whose header at `at` was changed, its checksum put right. */
function bend(archive: Buffer, at: number, change: (header: Buffer) => void): Buffer {
  const copy = Buffer.from(archive);
  const header = copy.subarray(at, at + 512);
  change(header);
  header.write('        ', 148);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  return copy;
}
