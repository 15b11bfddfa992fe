import { problem, problemOf } from '../problem.ts';
import type { Created, CreateIntent, Provider, ProviderState, Sandbox, Settled } from '../sandbox.ts';
import { unlessLate } from '../unlessLate.ts';

/** How long a sandbox may take to delete itself, in milliseconds. */
const deleteWithinMs = 180_000;

/** A create that throws has told nothing about what is true: its answer counts as lost. */
export async function createSafely(
  ...[provider, ...request]: [Provider, ...Parameters<Provider['create']>]
): Promise<Created> {
  try {
    return await provider.create(...request);
  } catch (error) {
    return { kind: 'unknown', problem: problemOf(error, 'sandbox-start-failed') };
  }
}

/** What deleting a sandbox by its own connection comes to; undefined where it does not answer in time. */
export async function deletedInTime(sandbox: Sandbox): Promise<Settled | undefined> {
  const stop = new AbortController();
  return await unlessLate(sandbox.delete(stop.signal), deleteWithinMs, () => stop.abort());
}

/** Deletes without resuming; a create whose answer was lost is settled first. */
export async function removeUnseen(
  provider: Provider,
  state: ProviderState | undefined,
  intent: CreateIntent,
): Promise<Settled> {
  const { signal } = new AbortController();
  if (state !== undefined) return await provider.remove(state, signal);
  const settled = await provider.settle(intent, signal);
  if (settled.kind === 'never') return { kind: 'done' };
  if (settled.kind === 'ours') return await provider.remove(settled.state, signal);
  const detail = `“${settled.title}” may belong to this session. Delete it by hand if it does.`;
  return { kind: 'unknown', problem: problem('sandbox-lost', detail, { delivery: 'maybe-sent' }) };
}
