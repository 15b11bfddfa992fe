import { problem, problemOf, type Problem } from '../../core/problem.ts';
import type { Capabilities, Probe, Provider } from '../../core/sandbox.ts';
import { readProviderSettings, type ReadSetting } from '../settings.ts';

/** One kind of sandbox and whether it can be used now. */
export interface Kind {
  readonly provider: Provider;
  readonly probe: Probe;
}

/** Asks one kind whether it is ready; its settings are looked at first. A probe that breaks is a kind that is not ready. */
export async function probeOne(provider: Provider, setting: ReadSetting, signal: AbortSignal): Promise<Kind> {
  try {
    readProviderSettings(provider, setting);
    return { provider, probe: await provider.probe(signal) };
  } catch (error) {
    return { provider, probe: { ready: false, problem: problemOf(error, 'sandbox-unavailable') } };
  }
}

/** Asks every kind at once. */
export async function probeAll(
  providers: readonly Provider[],
  setting: ReadSetting,
  signal: AbortSignal,
): Promise<readonly Kind[]> {
  return await Promise.all(providers.map((provider) => probeOne(provider, setting, signal)));
}

/** Bytes leave this machine, or it costs money: never chosen without a person choosing it. */
export function isHosted(caps: Capabilities): boolean {
  return caps.billed || caps.isolation === 'cloud-vm';
}

/** It stays on this machine and can be used now. */
export function isUsableHere({ probe }: Kind): boolean {
  return probe.ready && !isHosted(probe.caps);
}

/** What keeps what was found from being used. */
export function whyNotReady(found: Kind | Problem): Problem | undefined {
  if (!('probe' in found)) return found;
  return found.probe.ready ? undefined : found.probe.problem;
}

/** It can be used once somebody has signed in. */
export function wantsSignIn({ probe }: Kind): boolean {
  return !probe.ready && probe.problem.id === 'sign-in-needed';
}

/**
 * Where a session would run: the remembered kind, ready or not, else the first one that is ready and stays on this machine. Asks no
 * more kinds than it takes: a hosted service hears nothing from a folder that works here.
 */
export async function settle(
  providers: readonly Provider[],
  remembered: string | undefined,
  look: (provider: Provider) => Promise<Kind>,
): Promise<Kind | Problem> {
  const chosen = providers.find(({ id }) => id === remembered);
  if (chosen !== undefined) return await look(chosen);
  for (const provider of providers) {
    const kind = await look(provider);
    if (isUsableHere(kind)) return kind;
  }
  // Each lacks something else: the reason of one would send people the wrong way.
  const none = 'No kind of sandbox is ready on this machine. Choose one to see what it needs.';
  return problem('sandbox-unavailable', none, { fix: 'choose-sandbox' });
}
