// Applies a plan, undoes the last apply or recovers, and kills itself at the given moment: a number counts the points
// that a crash could follow, `torn` is in the middle of writing a file, `never` lets it end.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobStore } from '../../../../src/core/storage.ts';
import type { ApplyPlan, BlobId } from '../../../../src/core/sync/types.ts';
import { fileApplier } from '../../../../src/host/applier.ts';
import { openBlobStore } from '../../../../src/host/blobs/blobStore.ts';

const [scratch = '', what = '', when = ''] = process.argv.slice(2);
let points = 0;
const die = () => process.kill(process.pid, 'SIGKILL');

async function* torn(blobs: BlobStore, id: BlobId): AsyncGenerator<Uint8Array> {
  const bytes = await blobs.get(id);
  yield bytes.subarray(0, bytes.length / 2);
  die();
}

const stored = await openBlobStore(join(scratch, 'packs'));
const blobs: BlobStore =
  when === 'torn'
    ? new Proxy(stored, { get: (of, name) => (name === 'stream' ? (id: BlobId) => torn(of, id) : bound(of, name)) })
    : stored;
const applier = fileApplier({
  journalFile: join(scratch, 'journal.jsonl'),
  folder: { path: join(scratch, 'project') },
  onPoint: () => {
    points += 1;
    if (String(points) === when) die();
  },
});

function bound(of: BlobStore, name: string | symbol): unknown {
  const member: unknown = Reflect.get(of, name);
  return typeof member === 'function' ? (member.bind(of) as unknown) : member;
}

const { signal } = new AbortController();
const plan = JSON.parse(await readFile(join(scratch, 'plan.json'), 'utf8')) as ApplyPlan;
if (what === 'apply') await applier.apply(plan, blobs, signal);
else if (what === 'undo') await applier.undo(blobs, new Set());
else await applier.recover(blobs);
process.stdout.write(`done after ${points}\n`);
