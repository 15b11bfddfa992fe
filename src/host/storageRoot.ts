import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { SessionId } from '../shared/ids.ts';
import { makePrivateFolder } from './atomicFile.ts';

/** The journal's name inside a session's folder. */
export const journalName = 'journal.jsonl';

/** Where everything lies under the extension's global storage. */
export interface StorageRoot {
  readonly path: string;
  readonly ledger: string;
  readonly sessions: string;
  /** What was removed and is not yet wiped. */
  readonly trash: string;
  /** Owner sockets, where the path is short enough for one. */
  readonly owners: string;
  session(id: SessionId): SessionPlaces;
  /** The ledger file of one key; the key may hold any character. */
  ledgerFile(key: string): string;
}

export interface SessionPlaces {
  readonly folder: string;
  readonly record: string;
  readonly log: string;
  readonly journal: string;
  readonly packs: string;
}

/** The layout `v1/` under `globalStorage`. A change of meaning gets a folder of its own beside it. */
export function storageRoot(globalStorage: string): StorageRoot {
  const path = join(globalStorage, 'v1');
  const sessions = join(path, 'sessions');
  const ledger = join(path, 'ledger');
  return {
    path,
    ledger,
    sessions,
    trash: join(path, 'trash'),
    owners: join(path, 'own'),
    session: (id) => {
      const folder = join(sessions, id);
      return {
        folder,
        record: join(folder, 'record.json'),
        log: join(folder, 'log.jsonl'),
        journal: join(folder, journalName),
        packs: join(folder, 'packs'),
      };
    },
    ledgerFile: (key) => join(ledger, `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.json`),
  };
}

/** Creates the folders of the layout, readable by this user only. */
export async function makeStorageRoot(root: StorageRoot): Promise<void> {
  for (const folder of [root.path, root.ledger, root.sessions, root.trash]) await makePrivateFolder(folder);
}
