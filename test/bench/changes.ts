import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { guestPath } from '../../src/core/paths.ts';
import type { Sandbox } from '../../src/core/sandbox.ts';
import { computeChanges, Rejections } from '../../src/core/sync/changes.ts';
import { buildManifest } from '../../src/core/sync/manifest.ts';
import { pull } from '../../src/core/sync/pull.ts';
import { hydrate } from '../../src/core/sync/upload.ts';
import { openBlobStore } from '../../src/host/blobs/blobStore.ts';
import { localFolder } from '../../src/host/folder.ts';
import { thisMachine } from '../../src/host/spawn.ts';
import { mintId } from '../../src/shared/ids.ts';
import { longestBlock } from './eventLoop.ts';
import { manyFiles } from './manyFiles.ts';
import { timed, type Measure } from './report.ts';

const { signal } = new AbortController();

/** Every tenth of 5,000 files changed inside: taken in, compared with the folder and made ready for review. */
export async function changesMeasures(sandbox: Sandbox, scratch: string): Promise<Measure[]> {
  const source = join(scratch, 'changed');
  await mkdir(source);
  await manyFiles(source, 5000);
  const folder = localFolder({ uri: `file://${source}`, path: source, name: 'changed' }, thisMachine(), () => true);
  const blobs = await openBlobStore(join(scratch, 'changed-packs'));
  const root = guestPath('/workspace/changed');
  const scan = await folder.scan({ withDependencies: true, maxFileBytes: 2 ** 26, signal });
  const { sent } = await hydrate(buildManifest(scan, new Set()), { sandbox, root, folder, blobs, signal });
  const taking = { sandbox, root, exclude: [], blobs, signal, ancestor: sent };
  const first = await pull({ ...taking, theirs: sent, table: undefined, fresh: true });
  await changeSome(sandbox, root);
  const block = longestBlock();
  let found = 0;
  const took = await timed(async () => {
    const { theirs, unknown, warnings } = await pull({ ...taking, theirs: first.theirs, table: first.table });
    const rejections = new Rejections();
    const made = { checkpoint: mintId('checkpoint'), asOf: Date.now(), warnings };
    const set = await computeChanges({ ancestor: sent, theirs, unknown, folder, blobs, rejections, ...made });
    found = set.changes.length;
  });
  const blocked = block.stop();
  await blobs.close();
  if (found !== 500) throw new Error(`${found} changes were found where 500 were made.`);
  return [
    { name: 'info.changes.5000', ours: took, unit: 'ms' },
    { name: 'info.changes.5000.longest-block', ours: blocked, unit: 'ms' },
  ];
}

async function changeSome(sandbox: Sandbox, root: ReturnType<typeof guestPath>): Promise<void> {
  const exec = sandbox.exec({
    op: mintId('op'),
    run: { shell: 'for file in part?0/*.txt part0/*.txt; do echo changed >>"$file"; done' },
    cwd: root,
    onLinkLoss: 'kill',
  });
  for await (const _chunk of exec.output);
  const outcome = await exec.outcome;
  if (outcome.kind !== 'exited' || outcome.code !== 0) throw new Error('The files could not be changed.');
}
