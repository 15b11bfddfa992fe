import { problem, type Problem } from '../../core/problem.ts';
import type { Api } from './api/client.ts';
import { CallFailed } from './api/http.ts';
import type { Records } from './records.ts';

/** The organization that a computer belongs to, as it was noted, or else as the key says now; undefined where neither does. */
export async function organizationOf(
  { api, records }: { api: Api; records: Records },
  computer: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  return (await noted(records, computer)) ?? (await ownOrganization(api, signal));
}

/** The organization that the key belongs to now; undefined where that cannot be told. */
export async function ownOrganization(api: Api, signal?: AbortSignal): Promise<string | undefined> {
  return await api.organization(signal).catch((error: unknown) => {
    if (error instanceof CallFailed && error.problem.id !== 'aborted') return undefined;
    throw error;
  });
}

/**
 * Why the absence of a computer does not say that it is gone: the service hides it from a key of another organization, and
 * answers as if it were not there. Undefined where it is certainly gone, or where nothing is noted that tells.
 */
export async function hidden(api: Api, records: Records, computer: string): Promise<Problem | undefined> {
  return await hiddenFrom(api, await noted(records, computer));
}

/** As {@link hidden}, for what was asked for in the name of this organization. */
export async function hiddenFrom(api: Api, organization: string | undefined): Promise<Problem | undefined> {
  if (organization === undefined || (await ownOrganization(api)) === organization) return undefined;
  const detail =
    'This computer belongs to another Celesto account than the one that you are signed in to. Sign in there.';
  return problem('sign-in-needed', detail, { fix: 'sign-in' });
}

async function noted(records: Records, computer: string): Promise<string | undefined> {
  return (await records.computer(computer))?.organization ?? (await records.maker(computer))?.organization;
}
