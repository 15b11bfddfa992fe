import type { Provider, ProviderState } from '../sandbox.ts';
import type { Ledger } from '../storage.ts';

/** Closes every entry that names this sandbox: it is gone, or no longer ours to delete. */
export async function closeEntriesOf(ledger: Ledger, provider: Provider, state: ProviderState): Promise<void> {
  const name = provider.identify(state);
  if (name === undefined) return;
  for (const entry of await ledger.list()) {
    if (entry.state !== undefined && provider.identify(entry.state) === name) await ledger.close(entry.key);
  }
}
