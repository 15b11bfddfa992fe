import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mintId } from '../../../src/shared/ids.ts';
import { sessionSchema, type SessionRecord } from '../../../src/core/session/events.ts';

/** Runs a test in a fresh folder that is removed afterwards. */
export async function inScratch<T>(act: (folder: string) => Promise<T>): Promise<T> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'airlock-host-')));
  try {
    return await act(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A session record with a fresh id. */
export function aRecord(more: Partial<SessionRecord> = {}): SessionRecord {
  return {
    schema: sessionSchema,
    id: mintId('session'),
    title: 'Fix the test',
    provider: 'process',
    root: 'file:///project',
    slug: 'project',
    createdAt: 1,
    updatedAt: 1,
    epoch: 0,
    settings: {},
    toolchains: [],
    dependencies: [],
    summary: { status: 'idle', changes: 0 },
    ...more,
  };
}
