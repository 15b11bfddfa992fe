import { AirlockError, problem, problemOf } from '../../core/problem.ts';
import type { Probe, Provider, ProviderAction } from '../../core/sandbox.ts';
import { apiOrigin, defaultBaseUrl } from './api/origin.ts';
import type { CelestoProviderParts } from './parts.ts';
import type { Driver } from './provider.ts';
import { settingsSchema } from './settings.ts';
import { nameIn, providerId, stateVersion } from './state.ts';

/**
 * Where people sign in, pay and make keys. The one page that the published clients name for any of it (0.0.14: “celesto.ai,
 * Settings, Security”); no address below it is documented.
 */
const accountUrl = 'https://celesto.ai/';

/**
 * The provider of hosted Celesto computers. Its driver, with all that carries HTTP, is loaded when it is first used:
 * who never signs in never loads it.
 */
export function celestoProvider(parts: CelestoProviderParts): Provider {
  let loaded: Promise<Driver> | undefined;
  const driver = async (): Promise<Driver> =>
    await (loaded ??= import('./provider.ts').then(({ celestoDriver }) => celestoDriver(parts)));
  return {
    id: providerId,
    title: 'Celesto',
    isolation: 'A virtual machine in the Celesto cloud: what goes in leaves this machine.',
    stateVersion,
    settings: settingsSchema,
    actions: actionsOf(parts, driver),
    accountUrl,
    identify: nameIn,
    probe: (signal) => probe(parts, driver, signal),
    toolchains: () => Promise.resolve([]),
    create: async (options, intent, step, signal) => await (await driver()).create(options, intent, step, signal),
    settle: async (intent, signal) => await (await driver()).settle(intent, signal),
    resume: async (state, signal) => await (await driver()).resume(state, signal),
    remove: async (state, signal) => await (await driver()).remove(state, signal),
    inventory: async (signal) => {
      if ((await parts.keys.read(originOf(parts))) === undefined) throw new AirlockError(signedOut);
      return await (await driver()).inventory(signal);
    },
  };
}

const signedOut = problem('sign-in-needed', 'You are not signed in to Celesto.', { fix: 'sign-in' });

const originOf = (parts: CelestoProviderParts): string => apiOrigin(parts.baseUrl?.() ?? defaultBaseUrl);

function actionsOf(parts: CelestoProviderParts, driver: () => Promise<Driver>): readonly ProviderAction[] {
  const { keys } = parts;
  const signIn = async (signal: AbortSignal) => {
    const origin = originOf(parts);
    const check = async (key: string) => await (await driver()).check(key, origin, signal);
    await keys.ask?.(origin, check, signal);
  };
  const signOut = async () => await keys.forget?.(originOf(parts));
  return [
    ...(keys.ask === undefined ? [] : [{ id: 'sign-in', title: 'Sign in to Celesto', run: signIn }]),
    ...(keys.forget === undefined ? [] : [{ id: 'sign-out', title: 'Sign out of Celesto', run: signOut }]),
  ];
}

/** Without a key nobody is asked. */
async function probe(parts: CelestoProviderParts, driver: () => Promise<Driver>, signal: AbortSignal): Promise<Probe> {
  try {
    const key = await parts.keys.read(originOf(parts));
    if (key?.from !== undefined) parts.log(`celesto: signed in by ${key.from}.`);
    if (key !== undefined) return await (await driver()).probe(signal);
    return { ready: false, problem: signedOut };
  } catch (error) {
    return { ready: false, problem: problemOf(error, 'sandbox-unavailable') };
  }
}
