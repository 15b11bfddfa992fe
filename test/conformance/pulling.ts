import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { GuestPath, RelPath } from '../../src/core/paths.ts';
import type { BulkOptions, Outcome, PullRequest, Sandbox } from '../../src/core/sandbox.ts';
import { parsePullReply, type PullListing } from '../../src/core/sync/pullReply.ts';
import { never } from './harness.ts';

/** What one complete pull brought: contents as Latin-1 text. */
export interface Pulled {
  readonly listing: PullListing;
  readonly files: ReadonlyMap<string, string>;
  readonly links: ReadonlyMap<string, string>;
}

/** Starts a pull; `readAll` takes everything that came with it. */
export async function openPull(
  sandbox: Sandbox,
  request: PullRequest,
  options: BulkOptions,
): Promise<{ outcome: Promise<Outcome>; readAll(): Promise<Pulled> }> {
  const stream = await sandbox.download(request, options);
  const readAll = async () => {
    const reply = await parsePullReply(stream.bytes, undefined, request);
    const files = new Map<string, string>();
    const links = new Map<string, string>();
    for await (const member of reply.members) {
      if (member.kind === 'link') links.set(member.path, member.target);
      else if (member.kind === 'same-as') files.set(member.path, files.get(member.earlier) ?? '');
      else if (member.kind === 'file') {
        const parts: Uint8Array[] = [];
        for await (const bytes of member.bytes) parts.push(bytes);
        files.set(member.path, Buffer.concat(parts).toString(member.size > 4096 ? 'latin1' : 'utf8'));
      }
    }
    return { listing: reply.listing, files, links };
  };
  return { outcome: stream.outcome, readAll };
}

/** One whole pull, which must succeed. */
export async function pull(sandbox: Sandbox, request: PullRequest): Promise<Pulled> {
  const opened = await openPull(sandbox, request, { signal: never });
  const got = await opened.readAll();
  assert.deepEqual(await opened.outcome, { kind: 'exited', code: 0 });
  return got;
}

/** Everything below `root` as it would come home: kind and hash by path. */
export async function tree(sandbox: Sandbox, root: GuestPath): Promise<Record<string, string>> {
  const { listing } = await pull(sandbox, { root, exclude: [] });
  assert.equal(listing.kind, 'full');
  const found: Record<string, string> = {};
  const want: RelPath[] = [];
  const executable = new Set<string>();
  for (const row of listing.rows) {
    if (row.type === 'dir') found[row.path] = 'd';
    else want.push(row.path);
    if (row.exec) executable.add(row.path);
  }
  const stream = await sandbox.download({ root, exclude: [], want }, { signal: never });
  const reply = await parsePullReply(stream.bytes);
  for await (const member of reply.members) {
    if (member.kind === 'link') found[member.path] = `l ${member.target}`;
    if (member.kind !== 'file') continue;
    const hash = createHash('sha256');
    for await (const bytes of member.bytes) hash.update(bytes);
    found[member.path] = `${executable.has(member.path) ? 'x' : 'f'} ${hash.digest('hex')}`;
  }
  assert.deepEqual(await stream.outcome, { kind: 'exited', code: 0 });
  return found;
}
