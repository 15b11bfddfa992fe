import assert from 'node:assert/strict';
import { relPath } from '../../../../src/core/paths.ts';
import { buildManifest } from '../../../../src/core/sync/manifest.ts';
import { planPush, type PushSides } from '../../../../src/core/sync/push.ts';
import { patchTree } from '../../../../src/core/sync/tree.ts';
import type { RelPath } from '../../../../src/core/paths.ts';
import type { Node } from '../../../../src/core/sync/types.ts';
import { afterUpload, send } from '../../../../src/core/sync/upload.ts';
import { UploadTarget } from './support/guest.ts';
import { fileNode, MemoryBlobs, MemoryFolder, textOf, treeOf } from './support/memory.ts';

/** A folder that both sides agreed on, with its tags remembered. */
async function agreed(files: Record<string, string>) {
  const folder = new MemoryFolder();
  for (const [path, text] of Object.entries(files)) folder.set(path, text);
  const ancestor = treeOf(files);
  const tags = await folder.tags([...ancestor.keys()]);
  const plan = async (sides: Partial<PushSides> = {}, included: ReadonlySet<RelPath> = new Set()) => {
    const whole = buildManifest(await folder.scan(), included);
    return await planPush(whole, { ancestor, theirs: ancestor, ...sides }, tags, folder);
  };
  return { folder, ancestor, plan };
}

describe('push', () => {
  it('hashes nothing and sends nothing where no tag changed', async () => {
    const { folder, plan } = await agreed({ a: '1', b: '2' });
    const { manifest, deletions } = await plan();
    assert.deepEqual([manifest.files, deletions, folder.sideCalls], [[], [], []]);
  });

  it('sends what was changed, added and deleted here', async () => {
    const { folder, plan } = await agreed({ a: '1', b: '2', c: '3' });
    folder.set('a', 'new').set('d', '4').delete('c');
    const { manifest, deletions } = await plan();
    assert.deepEqual(
      manifest.files.map(({ path }) => path),
      ['a', 'd'],
    );
    assert.deepEqual(deletions, ['c']);
  });

  it('does not send a file that was only touched, and remembers its new tag', async () => {
    const { folder, plan } = await agreed({ a: '1' });
    folder.set('a', '1');
    const { manifest, tags } = await plan();
    assert.deepEqual([manifest.files.length, [...tags.keys()]], [0, ['a']]);
  });

  it('sends a change of the executable bit alone', async () => {
    const { folder, plan } = await agreed({ a: '1' });
    folder.set('a', '1', true);
    assert.deepEqual(
      (await plan()).manifest.files.map(({ exec }) => exec),
      [true],
    );
  });

  it('leaves what the sandbox changed too, or what cannot be read there, for the merge', async () => {
    const { folder, ancestor, plan } = await agreed({ a: '1', b: '2', c: '3' });
    folder.set('a', 'mine').delete('b').set('c', 'mine');
    const theirs = patchTree(
      ancestor,
      new Map([
        [relPath('a'), fileNode('yours')],
        [relPath('b'), fileNode('yours')],
      ]),
    );
    const { manifest, deletions, leftForMerge } = await plan({ theirs, unknown: new Set([relPath('c')]) });
    assert.deepEqual([manifest.files, deletions, [...leftForMerge].sort()], [[], [], ['a', 'b', 'c']]);
  });

  it('moves the ancestor without sending where both sides came to the same', async () => {
    const { folder, ancestor, plan } = await agreed({ a: '1', b: '2' });
    folder.set('a', 'same').delete('b');
    const theirs = patchTree(
      ancestor,
      new Map<RelPath, Node | 'absent'>([
        [relPath('a'), fileNode('same')],
        [relPath('b'), 'absent'],
      ]),
    );
    const { manifest, deletions, converged } = await plan({ theirs });
    assert.deepEqual([manifest.files, deletions], [[], []]);
    assert.deepEqual([...converged].sort(), [
      ['a', fileNode('same')],
      ['b', 'absent'],
    ]);
  });

  it('takes a file that is merely no longer listed for no deletion', async () => {
    const { folder, plan } = await agreed({ a: '1', 'config/app.env.txt': '2' });
    const whole = buildManifest(
      { ...(await folder.scan()), files: folder.files().filter(({ path }) => path !== 'a') },
      new Set(),
    );
    const sides = { ancestor: treeOf({ a: '1' }), theirs: treeOf({ a: '1' }) };
    assert.deepEqual((await planPush(whole, sides, new Map(), folder)).deletions, []);
    assert.deepEqual((await plan()).deletions, []);
  });

  it('holds back a file that came to hold a key, before anybody is asked', async () => {
    const { folder, plan } = await agreed({ a: '1' });
    folder.set('a', `ghp_${'Ab3dEf7h'.repeat(5)}`);
    const { manifest } = await plan();
    assert.deepEqual(
      [manifest.files, manifest.held],
      [[], [{ path: 'a', rule: 'secret-content', secret: 'token', size: 44, exec: false }]],
    );
    assert.deepEqual(
      (await plan({}, new Set([relPath('a')]))).manifest.files.map(({ path }) => path),
      ['a'],
    );
  });

  it('moves both sides by what was committed', async () => {
    const { folder, ancestor, plan } = await agreed({ a: '1', b: '2' });
    folder.set('a', 'new').delete('b');
    const { manifest, deletions } = await plan();
    const target = new UploadTarget();
    const { signal } = new AbortController();
    const context = { sandbox: target.sandbox, root: target.root, folder, blobs: new MemoryBlobs(), signal };
    const uploaded = await send(manifest, deletions, 'merge', context);
    assert.deepEqual(
      [target.mode, target.deletions, textOf(target.get('a')?.bytes ?? new Uint8Array())],
      ['merge', ['b'], 'new'],
    );
    const after = afterUpload({ ancestor, theirs: ancestor }, uploaded, deletions);
    assert.deepEqual([...after.ancestor], [['a', fileNode('new')]]);
    assert.deepEqual(after.theirs, after.ancestor);
  });
});
