import type { SessionId } from '../../shared/ids.ts';
import type { ProviderState } from '../sandbox.ts';
import { storedId, type LedgerEntry } from '../storage.ts';
import type { SessionServices } from './open.ts';

/**
 * Settles ledger entries whose session is gone: a create whose answer was lost, a delete that was never confirmed.
 * Deletes only what this ledger knows for certain; an entry of a session that still exists is that session's business,
 * also where its record cannot be read, and what any session works with stays, whoever asked for it.
 */
export async function sweepLedger(services: SessionServices, signal: AbortSignal): Promise<void> {
  const entries = await services.ledger.list();
  if (entries.length === 0) return;
  // Listed after the entries were read: each session is stored before its sandbox is asked for.
  const sessions = new Set((await services.store.list()).map(storedId));
  for (const entry of entries) {
    if (signal.aborted) return;
    if (sessions.has(entry.intent.session)) continue;
    await sweep(services, entry, signal).catch((error: unknown) => {
      services.log(`The sandbox of ledger entry ${entry.key} could not be settled: ${String(error)}`);
    });
  }
}

/**
 * The sessions that have asked for a sandbox and were closed before it held the workspace. Nothing can be lost with it,
 * and it runs on, and may be billed, until such a session is opened and puts it away.
 */
export async function halfSessions({ ledger, store }: SessionServices): Promise<readonly SessionId[]> {
  const asked = new Set((await ledger.list()).map(({ key }) => key));
  if (asked.size === 0) return [];
  return (await store.list()).flatMap((stored) => {
    if (stored.kind !== 'ok') return [];
    const { id, ledgerKey, sandbox, unfilled = false } = stored.record;
    const isHalf = ledgerKey !== undefined && asked.has(ledgerKey) && (unfilled || sandbox === undefined);
    return isHalf ? [id] : [];
  });
}

/** True where a session works with it, such as one that was left over and attached to. */
async function isInUse({ providers, store }: SessionServices, state: ProviderState): Promise<boolean> {
  const identify = (one: ProviderState) => providers.find(({ id }) => id === one.provider)?.identify(one);
  const name = identify(state);
  return (await store.list()).some((stored) => {
    const used = stored.kind === 'ok' ? stored.record.sandbox : undefined;
    return used?.provider === state.provider && name !== undefined && identify(used) === name;
  });
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
  if (await isInUse(services, state)) return;
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
