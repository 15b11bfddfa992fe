import { storedId, type LedgerEntry } from '../storage.ts';
import type { SessionServices } from './open.ts';

/**
 * Settles ledger entries whose session is gone: a create whose answer was lost, a delete that was never confirmed.
 * Deletes only what this ledger knows for certain; an entry of a session that still exists is that session's business,
 * also where its record cannot be read.
 */
export async function sweepLedger(services: SessionServices, signal: AbortSignal): Promise<void> {
  const entries = await services.ledger.list();
  // Listed after the entries: each session is stored before its sandbox is asked for.
  const stored = new Set((await services.store.list()).map(storedId));
  for (const entry of entries) {
    if (signal.aborted) return;
    if (stored.has(entry.intent.session)) continue;
    await sweep(services, entry, signal).catch((error: unknown) => {
      services.log(`The sandbox of ledger entry ${entry.key} could not be settled: ${String(error)}`);
    });
  }
}

async function sweep(services: SessionServices, entry: LedgerEntry, signal: AbortSignal): Promise<void> {
  const provider = services.providers.find(({ id }) => id === entry.provider);
  if (!provider) return;
  const state = entry.state ?? (await settledState(services, entry, signal));
  if (state === undefined) return;
  if (state === 'never') {
    await services.ledger.close(entry.key);
    return;
  }
  const removed = await provider.remove(state, signal);
  if (removed.kind === 'done') await services.ledger.close(entry.key);
  else services.log(`A sandbox of a deleted session is not confirmed deleted: ${removed.problem.detail}`);
}

async function settledState({ providers }: SessionServices, entry: LedgerEntry, signal: AbortSignal) {
  const provider = providers.find(({ id }) => id === entry.provider);
  const settled = await provider?.settle(entry.intent, signal);
  if (settled?.kind === 'never') return 'never';
  return settled?.kind === 'ours' ? settled.state : undefined;
}
