import { randomBytes } from 'node:crypto';
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { parseId, type SessionId } from '../shared/ids.ts';
import { parseJson } from '../shared/json.ts';
import { fail } from '../core/problem.ts';
import { sessionRecordShape, sessionSchema, type SessionRecord } from '../core/session/events.ts';
import type { BlobStore, SessionLog, SessionStore, StoredSession } from '../core/storage.ts';
import { makePrivateFolder, syncFolder, writeFileAtomic } from './atomicFile.ts';
import { isAbsent, onStorage, storageFailure } from './diskErrors.ts';
import { openSessionLog } from './sessionLog.ts';
import { sharedOpener } from './sharedOpener.ts';
import { makeStorageRoot, type StorageRoot } from './storageRoot.ts';

const numbered = z.object({ schema: z.number() });

/** Sessions as files under `v1/sessions/<id>/`. Logs and packs that are opened twice in this process are one. */
export async function fileSessionStore(
  root: StorageRoot,
  openPacks: (folder: string) => Promise<BlobStore>,
): Promise<SessionStore> {
  await onStorage('make its folders', () => makeStorageRoot(root));
  await wipeTrash(root);
  const logs = sharedOpener((id: SessionId) => openLog(root, id));
  const packs = sharedOpener((id: SessionId) => openPacks(root.session(id).packs));
  return {
    list: () => listSessions(root),
    create: async (record) => {
      const places = root.session(idOf(record));
      if ((await readStored(root, idOf(record))) !== undefined) fail('bad-input', 'This session exists already.');
      await onStorage('make a session', async () => {
        await makePrivateFolder(places.folder);
        await syncFolder(root.sessions);
      });
      await writeRecord(root, record);
    },
    save: async (record) => {
      const stored = await readStored(root, idOf(record));
      if (stored === undefined) fail('not-found', 'This session was removed.');
      if (stored.kind === 'newer') fail('newer-schema', 'This session was written by a newer Airlock.');
      if (stored.kind === 'ok' && stored.record.epoch > record.epoch) {
        fail('owned-elsewhere', 'Another window has taken this session over.');
      }
      await writeRecord(root, record);
    },
    read: async (id) => {
      const stored = await readStored(root, id);
      return stored?.kind === 'ok' ? stored.record : undefined;
    },
    openLog: (id) => logs(id),
    openBlobs: (id) => packs(id),
    folder: (id) => root.session(id).folder,
    remove: async (id) => {
      const stored = await readStored(root, id);
      if (stored?.kind === 'newer') fail('newer-schema', 'This session was written by a newer Airlock.');
      await onStorage('remove a session', () => removeFolder(root, root.session(id).folder));
    },
  };
}

function idOf(record: SessionRecord): SessionId {
  return parseId('session', record.id) ?? fail('bad-input', 'Not a session id.');
}

async function openLog(root: StorageRoot, id: SessionId): Promise<SessionLog> {
  const stored = await readStored(root, id);
  return await openSessionLog(root.session(id).log, { readOnly: stored?.kind === 'newer' });
}

async function listSessions(root: StorageRoot): Promise<readonly StoredSession[]> {
  const names = await onStorage('list its sessions', () => readdir(root.sessions));
  const ids = names.map((name) => parseId('session', name)).filter((id) => id !== undefined);
  const stored = await Promise.all(ids.map((id) => readStored(root, id)));
  return stored.filter((session) => session !== undefined);
}

/** What the record of a session says; undefined where the session has no folder. */
export async function readStored(root: StorageRoot, id: SessionId): Promise<StoredSession | undefined> {
  const places = root.session(id);
  let text: string;
  try {
    text = await readFile(places.record, 'utf8');
  } catch (error) {
    if (!isAbsent(error)) throw storageFailure('read a session', error);
    const exists = (await readdir(root.sessions)).includes(id);
    return exists ? { kind: 'damaged', id, detail: 'Its record is missing.' } : undefined;
  }
  const value = parseJson(text);
  const schema = numbered.safeParse(value);
  if (schema.success && schema.data.schema > sessionSchema) return { kind: 'newer', id, schema: schema.data.schema };
  const parsed = sessionRecordShape.safeParse(value);
  if (parsed.success && parsed.data.id === id) return { kind: 'ok', record: parsed.data };
  return {
    kind: 'damaged',
    id,
    detail: parsed.success ? 'Its record names another session.' : 'Its record is damaged.',
  };
}

/** Replaces the record of a session atomically, without any check. */
export async function writeRecord(root: StorageRoot, record: SessionRecord): Promise<void> {
  const { record: path } = root.session(idOf(record));
  await onStorage('write a session', () => writeFileAtomic(path, `${JSON.stringify(record, undefined, 2)}\n`));
}

/** One rename takes the session away, so that a crash never leaves half of one behind. */
async function removeFolder(root: StorageRoot, folder: string): Promise<void> {
  const grave = join(root.trash, randomBytes(8).toString('hex'));
  try {
    await rename(folder, grave);
  } catch (error) {
    if (isAbsent(error)) return;
    throw error;
  }
  await syncFolder(root.sessions);
  await rm(grave, { recursive: true, force: true });
}

async function wipeTrash(root: StorageRoot): Promise<void> {
  const names = await readdir(root.trash).catch(() => []);
  for (const name of names) await rm(join(root.trash, name), { recursive: true, force: true }).catch(() => undefined);
}
