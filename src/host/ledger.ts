import { readdir, readFile, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import type { SessionId } from '../shared/ids.ts';
import { fail } from '../core/problem.ts';
import type { ProviderState } from '../core/sandbox.ts';
import type { Ledger, LedgerEntry } from '../core/storage.ts';
import { parseJson } from '../shared/json.ts';
import { syncFolder, writeFileAtomic } from './atomicFile.ts';
import { isAbsent, onStorage } from './diskErrors.ts';
import type { StorageRoot } from './storageRoot.ts';

const schema = 1;

const entryShape = z.object({
  schema: z.literal(schema),
  key: z.string(),
  provider: z.string(),
  intent: z.object({ session: z.custom<SessionId>((v) => typeof v === 'string'), key: z.string() }),
  openedAt: z.number(),
  state: z.object({ provider: z.string(), version: z.number(), data: z.unknown() }).optional(),
});

/**
 * The ledger: one file per entry, each written as a whole. Files of a newer schema or with damage are passed over and
 * never removed.
 */
export function fileLedger(root: StorageRoot): Ledger {
  const write = (entry: LedgerEntry) =>
    onStorage('write the ledger', () =>
      writeFileAtomic(root.ledgerFile(entry.key), `${JSON.stringify({ schema, ...entry }, undefined, 2)}\n`),
    );
  return {
    open: write,
    update: async (key: string, state: ProviderState) => {
      const entry = await readEntry(root.ledgerFile(key));
      if (entry === undefined) fail('not-found', `The ledger has no entry ${key}.`);
      await write({ ...entry, state });
    },
    close: (key) =>
      onStorage('close a ledger entry', async () => {
        try {
          await unlink(root.ledgerFile(key));
        } catch (error) {
          if (!isAbsent(error)) throw error;
        }
        await syncFolder(root.ledger);
      }),
    list: async () => {
      const names = await onStorage('read the ledger', () => readdir(root.ledger));
      const files = names.filter((name) => name.endsWith('.json')).sort();
      const entries = await Promise.all(files.map((name) => readEntry(join(root.ledger, name))));
      return entries.filter((entry) => entry !== undefined);
    },
  };
}

async function readEntry(path: string): Promise<LedgerEntry | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isAbsent(error)) return undefined;
    return await onStorage(`read ${basename(path)} of the ledger`, () => Promise.reject(error as Error));
  }
  const parsed = entryShape.safeParse(parseJson(text));
  if (!parsed.success) return undefined;
  const { schema: _schema, state, ...entry } = parsed.data;
  return state === undefined ? entry : { ...entry, state };
}
