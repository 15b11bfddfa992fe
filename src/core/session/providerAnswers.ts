import { problemOf } from '../problem.ts';
import type { Created, Provider, Sandbox, Settled } from '../sandbox.ts';
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
