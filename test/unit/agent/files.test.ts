import assert from 'node:assert/strict';
import { Manifest } from '@openai/agents-core/sandbox';
import type { AirlockSandboxSession } from '../../../src/agent/session.ts';
import type { EditReport } from '../../../src/core/agent.ts';
import type { Sandbox } from '../../../src/core/sandbox.ts';
import { sessionOver } from '../../support/agentSession.ts';
import { deleteSandbox, realSandbox } from '../../support/realSandbox.ts';

const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

describe('files of an SDK session', () => {
  let sandbox: Sandbox;
  let session: AirlockSandboxSession;
  const edits: EditReport[] = [];

  before(async function () {
    sandbox = await realSandbox(this);
    session = sessionOver(sandbox, { edited: (edit) => void edits.push(edit) });
  });
  after(() => deleteSandbox(sandbox));
  beforeEach(() => void (edits.length = 0));

  const sh = async (cmd: string) => (await session.exec({ cmd, login: false })).stdout;
  const text = async (path: string) => Buffer.from(await session.readFile({ path })).toString();

  it('come in by entries with any bytes, names and modes', async () => {
    const content = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256);
    await session.materializeEntry({
      path: 'tree',
      entry: {
        type: 'dir',
        children: {
          'sp ace "quo\'te" ü.bin': { type: 'file', content },
          run: { type: 'file', content: '#!/bin/sh\n', permissions: { owner: 7, group: 5, other: 0 } },
          empty: { type: 'dir' },
        },
      },
    });
    assert.deepEqual(
      Buffer.from(await session.readFile({ path: 'tree/sp ace "quo\'te" ü.bin' })),
      Buffer.from(content),
    );
    assert.equal(await sh('stat -c %a tree/run; ls -d tree/empty'), '750\ntree/empty\n');
    assert.ok('tree' in session.state.manifest.entries);
    assert.equal((await session.readFile({ path: 'tree/run', maxBytes: 4 })).length, 4);
  });

  it('come in by a manifest, beside what is there', async () => {
    await sh('mkdir -p kept && echo old > kept/old');
    const { root } = session.state.manifest;
    const entries = { kept: { type: 'dir', children: { new: { type: 'file', content: 'new' } } } } as const;
    await session.applyManifest(new Manifest({ root, entries, environment: { ADDED: 'yes' } }));
    assert.equal(await sh('cat kept/old kept/new; echo $ADDED'), 'old\nnewyes\n');
  });

  it('are listed with paths of the workspace', async () => {
    await sh(
      'mkdir -p list/sub && touch list/.hidden "list/new\nline" && ln -s sub list/link && ln -s gone list/broken',
    );
    const entries = await session.listDir({ path: 'list' });
    assert.deepEqual(entries.map(({ name, path, type }) => `${type} ${name} ${path}`).sort(), [
      'dir link list/link',
      'dir sub list/sub',
      'file .hidden list/.hidden',
      'file new\nline list/new\nline',
      'other broken list/broken',
    ]);
    assert.deepEqual(await session.listDir({ path: 'list/sub' }), []);
    await assert.rejects(session.listDir({ path: 'nowhere' }), { code: 'workspace_read_not_found' });
  });

  it('are missing only where that is proven', async () => {
    assert.equal(await session.pathExists('nowhere/at/all'), false);
    assert.equal(await session.pathExists('tree/run'), true);
    assert.equal(await session.directoryExists('tree'), true);
    assert.equal(await session.directoryExists('tree/run'), false);
    await assert.rejects(session.readFile({ path: 'nowhere' }), { code: 'workspace_read_not_found' });
    await assert.rejects(session.readFile({ path: 'tree' }), /not a file/);
    await assert.rejects(session.readFile({ path: '../etc/passwd' }), { code: 'invalid_manifest_path' });
    await assert.rejects(session.readFile({ path: '/etc/passwd' }), { code: 'invalid_manifest_path' });
  });

  it('are created, changed, moved and deleted by patches', async () => {
    const editor = session.createEditor();
    await editor.createFile({ type: 'create_file', path: 'p/one.txt', diff: '+a\n+b\n+\n' });
    assert.equal(await text('p/one.txt'), 'a\nb\n');
    await sh('chmod 755 p/one.txt');
    await editor.updateFile({ type: 'update_file', path: 'p/one.txt', diff: '@@\n a\n-b\n+c\n' });
    assert.equal(await sh('cat p/one.txt; stat -c %a p/one.txt; ls -A p'), 'a\nc\n755\none.txt\n');
    await editor.updateFile({ type: 'update_file', path: 'p/one.txt', diff: '', moveTo: 'p/two.txt' });
    assert.equal(await sh('ls p'), 'two.txt\n');
    await editor.deleteFile({ type: 'delete_file', path: 'p/two.txt' });
    assert.equal(await session.pathExists('p/two.txt'), false);
    assert.deepEqual(
      edits.map(({ kind, path, ok }) => `${kind} ${path} ${ok}`),
      ['create p/one.txt true', 'update p/one.txt true', 'update p/two.txt true', 'delete p/two.txt true'],
    );
  });

  it('keep the ends of their lines when they are patched', async () => {
    await sh(String.raw`printf 'one\r\ntwo\r\n' > crlf.txt`);
    await session
      .createEditor()
      .updateFile({ type: 'update_file', path: 'crlf.txt', diff: '@@\n one\n-two\n+three\n' });
    assert.equal(await text('crlf.txt'), 'one\r\nthree\r\n');
  });

  it('stay as they are where a patch cannot be applied, and the model is told why', async () => {
    await sh(String.raw`echo here > there.txt; printf '\377' > binary; ln -s /tmp out; ln -s /tmp/far.txt leaf`);
    const editor = session.createEditor();
    const create = (path: string) => editor.createFile({ type: 'create_file', path, diff: '+x\n' });
    const update = (path: string) => editor.updateFile({ type: 'update_file', path, diff: '@@\n-no\n+yes\n' });
    await assert.rejects(create('there.txt'), /already exists/);
    await assert.rejects(update('there.txt'), /no/);
    await assert.rejects(update('nowhere.txt'), /^Error: File not found: nowhere.txt$/);
    await assert.rejects(update('binary'), /not UTF-8 text/);
    await assert.rejects(create('../x'), /must not escape/);
    await assert.rejects(create('out/x'), /lead out of the workspace/);
    await assert.rejects(create('leaf'), /lead out of the workspace/);
    await assert.rejects(editor.deleteFile({ type: 'delete_file', path: 'nowhere.txt' }), /File not found/);
    assert.equal(await sh('cat there.txt; ls /tmp/x /tmp/far.txt 2>/dev/null; find . -name ".airlock-*"'), 'here\n');
    assert.ok(edits.every(({ ok, detail }) => !ok && detail !== undefined));
    assert.throws(() => session.createEditor('root'), { code: 'unsupported_feature' });
  });

  it('are shown as images, or the reason is said in the words that the SDK knows', async () => {
    await session.materializeEntry({ path: 'pixel.png', entry: { type: 'file', content: pixel } });
    const { image } = await session.viewImage({ path: 'pixel.png' });
    assert.deepEqual(image, { data: Uint8Array.from(pixel), mediaType: 'image/png' });
    await sh('head -c 11000000 /dev/zero > big.png; echo text > text.png');
    await assert.rejects(session.viewImage({ path: 'gone.png' }), /not found/);
    await assert.rejects(session.viewImage({ path: 'tree' }), /not a file/);
    await assert.rejects(session.viewImage({ path: 'big.png' }), /exceeds the 10 MB limit/);
    await assert.rejects(session.viewImage({ path: 'text.png' }), /Unsupported image format/);
    assert.deepEqual(
      edits.map(({ ok }) => ok),
      [true, false, false, false, false],
    );
  });

  it('of this machine are refused where the program gave no way to read them', async () => {
    const entry = { type: 'local_file', src: '/etc/hostname' } as const;
    await assert.rejects(session.materializeEntry({ path: 'x', entry }), { code: 'unsupported_feature' });
    const mount = { type: 's3_mount', bucket: 'b' } as const;
    await assert.rejects(session.materializeEntry({ path: 'y', entry: mount }), { code: 'unsupported_feature' });
    assert.ok(!('x' in session.state.manifest.entries));
  });
});
