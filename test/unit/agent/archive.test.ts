import assert from 'node:assert/strict';
import { resolveSandboxArchiveLimits } from '@openai/agents-core/sandbox';
import { extract, pack } from 'tar-stream';
import { checkedArchive } from '../../../src/agent/archive.ts';

type Header = Parameters<ReturnType<typeof pack>['entry']>[0];

async function tarWith(...members: readonly (readonly [Header, string?])[]): Promise<Buffer> {
  const tar = pack();
  for (const [header, content] of members) {
    if (content === undefined) tar.entry(header);
    else tar.entry(header, content);
  }
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function namesIn(data: Uint8Array): Promise<string[]> {
  const names: string[] = [];
  const members = extract();
  members.end(data);
  for await (const member of members) {
    names.push(`${member.header.type} ${member.header.name} ${member.header.mode.toString(8)}`);
    member.resume();
  }
  return names;
}

const none = new Set<string>();

describe('a workspace archive', () => {
  it('is handed on with what it holds, without odd modes', async () => {
    const data = await tarWith(
      [{ name: './', type: 'directory' }],
      [{ name: './bin/', type: 'directory', mode: 0o755 }],
      [{ name: './bin/run', mode: 0o4755 }, 'x'],
      [{ name: './bin/hard', type: 'link', linkname: './bin/run', mode: 0o644 }],
      [{ name: './bin/soft', type: 'symlink', linkname: '/usr/bin/env', mode: 0o777 }],
      [{ name: `${'long/'.repeat(40)}ü`, mode: 0o644 }, 'y'],
    );
    assert.deepEqual(await namesIn(await checkedArchive(data, null, none)), [
      'directory bin/ 755',
      'file bin/run 755',
      'link bin/hard 644',
      'symlink bin/soft 777',
      `file ${'long/'.repeat(40)}ü 644`,
    ]);
  });

  const refused: readonly (readonly [string, readonly (readonly [Header, string?])[], RegExp])[] = [
    ['an absolute name', [[{ name: '/etc/passwd' }, 'x']], /not relative/],
    ['a name that climbs', [[{ name: 'a/../../b' }, 'x']], /leads out/],
    ['a drive', [[{ name: 'C:/x' }, 'x']], /not relative/],
    ['a backslash', [[{ name: 'a\\b' }, 'x']], /not relative/],
    ['a device', [[{ name: 'null', type: 'character-device' }]], /character-device/],
    ['a pipe', [[{ name: 'pipe', type: 'fifo' }]], /fifo/],
    [
      'a name twice',
      [
        [{ name: 'a' }, 'x'],
        [{ name: './a' }, 'y'],
      ],
      /twice/,
    ],
    ['a member below a link', [[{ name: 'a', type: 'symlink', linkname: '/' }], [{ name: 'a/b' }, 'x']], /below/],
    ['a hard link to outside', [[{ name: 'a', type: 'link', linkname: '/etc/passwd' }]], /hard link/],
    [
      'a hard link to a link',
      [[{ name: 's', type: 'symlink', linkname: '/' }], [{ name: 'a', type: 'link', linkname: 's' }]],
      /hard link/,
    ],
  ];
  for (const [what, members, why] of refused) {
    it(`is refused with ${what}`, async () => {
      const data = await tarWith(...members);
      await assert.rejects(checkedArchive(data, null, none), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'archive_error');
        assert.match(error.message, why);
        return true;
      });
    });
  }

  it('is refused below what is ephemeral, when it is cut, packed, or no tar', async () => {
    const data = await tarWith([{ name: 'cache/x' }, 'x']);
    await assert.rejects(checkedArchive(data, null, new Set(['cache'])), /ephemeral/);
    await assert.rejects(checkedArchive(data.subarray(0, 700), null, none), /not a readable tar/);
    await assert.rejects(checkedArchive(Buffer.from([0x1f, 0x8b, 8]), null, none), /plain tar/);
    await assert.rejects(checkedArchive(Buffer.alloc(2048, 'no tar at all'), null, none), /not a readable tar/);
  });

  it('is refused beyond the limits that are set', async () => {
    const data = await tarWith([{ name: 'a' }, 'x'.repeat(600)], [{ name: 'b' }, 'y']);
    const within = (limits: object) => checkedArchive(data, resolveSandboxArchiveLimits(limits), none);
    await assert.rejects(within({ maxInputBytes: 1000 }), /more than 1000 bytes/);
    await assert.rejects(within({ maxExtractedBytes: 600 }), /more than 600 bytes to extract/);
    await assert.rejects(within({ maxMembers: 1 }), /more than 1 members/);
    assert.equal((await namesIn(await within({}))).length, 2);
  });
});
