import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { guestPath, relPath } from '../../../../src/core/paths.ts';
import { buildManifest } from '../../../../src/core/sync/manifest.ts';
import { planPush } from '../../../../src/core/sync/push.ts';
import { emptyTree, ordered } from '../../../../src/core/sync/tree.ts';
import { afterUpload, hydrate, send, type UploadContext } from '../../../../src/core/sync/upload.ts';
import { treeOnDisk } from '../../../support/treeOnDisk.ts';
import { DiskGuest } from './support/diskGuest.ts';
import { fileNode, MemoryFolder } from './support/memory.ts';

describe('a folder there and back, by the real programs', () => {
  let guest: DiskGuest;
  let folder: MemoryFolder;
  let context: UploadContext;
  beforeEach(() => {
    guest = new DiskGuest();
    folder = new MemoryFolder();
    const { signal } = new AbortController();
    context = { sandbox: guest.sandbox, root: guestPath(guest.root), folder, blobs: guest.blobs, signal };
  });
  afterEach(() => guest.remove());

  const noSides = { ancestor: emptyTree, theirs: emptyTree };
  const plan = async () => buildManifest(await folder.scan(), new Set());

  it('stands inside as it was sent, and is recognised without a byte coming back', async () => {
    folder
      .set('run.sh', '#!/bin/sh\n', true)
      .set('empty', '')
      .set('ü “x”\ny/z', 'odd')
      .set('big', randomBytes(3_000_000));
    folder
      .set(`${'long/'.repeat(40)}name`, 'deep')
      .link('cur', 'run.sh')
      .dir('logs/today');
    const uploaded = await hydrate(await plan(), context);
    assert.deepEqual(uploaded.outcome, { kind: 'committed' });
    const { ancestor } = afterUpload(noSides, uploaded, []);
    assert.equal(treeOnDisk(guest.root)['run.sh'], 'f 755 #!/bin/sh\n');
    const pulled = await guest.pull({ ancestor, fresh: true });
    assert.deepEqual([[...pulled.theirs], pulled.files], [[...ordered(ancestor)], 0]);
    const verified = await guest.pull({ ancestor, verify: true });
    assert.deepEqual([[...verified.theirs], verified.quality, verified.skipped], [[...ordered(ancestor)], 'exact', []]);
  });

  it('takes later changes of both sides, each to the other', async () => {
    for (const name of ['a', 'b', 'c', 'd/e']) folder.set(name, '1');
    const uploaded = await hydrate(await plan(), context);
    let sides = afterUpload(noSides, uploaded, []);
    await guest.pull({ ancestor: sides.ancestor, fresh: true });
    folder.set('a', 'mine').delete('d/e').set('d/f', 'new');
    guest.write('b', 'theirs');
    sides = { ...sides, theirs: (await guest.pull({ ancestor: sides.ancestor })).theirs };
    const push = await planPush(await plan(), sides, uploaded.tags, folder);
    assert.deepEqual([push.manifest.files.map(({ path }) => path), push.deletions], [['a', 'd/f'], ['d/e']]);
    sides = afterUpload(sides, await send(push.manifest, push.deletions, 'merge', context), push.deletions);
    const { theirs } = await guest.pull({ ancestor: sides.ancestor, theirs: sides.theirs });
    assert.deepEqual(
      [...theirs],
      [
        ['a', fileNode('mine')],
        ['b', fileNode('theirs')],
        ['c', fileNode('1')],
        ['d/f', fileNode('new')],
      ],
    );
    assert.deepEqual(sides.ancestor.get(relPath('b')), fileNode('1'));
  });
});
