import { problem, problemOf, type Problem } from '../../core/problem.ts';
import type { Capabilities, Probe, Provider } from '../../core/sandbox.ts';

/** One kind of sandbox and whether it can be used now. */
export interface Kind {
  readonly provider: Provider;
  readonly probe: Probe;
}

/** Asks every kind at once whether it is ready. A probe that breaks is a kind that is not ready. */
export async function probeAll(providers: readonly Provider[], signal: AbortSignal): Promise<readonly Kind[]> {
  return await Promise.all(
    providers.map(async (provider) => {
      const broken = (error: unknown): Probe => ({ ready: false, problem: problemOf(error, 'sandbox-unavailable') });
      return { provider, probe: await provider.probe(signal).catch(broken) };
    }),
  );
}

/** Bytes leave this machine, or it costs money: never chosen without a person choosing it. */
export function isHosted(caps: Capabilities): boolean {
  return caps.billed || caps.isolation === 'cloud-vm';
}

/** Where a session would run: the remembered kind, else the first one that is ready and stays on this machine. */
export function settle(kinds: readonly Kind[], remembered: string | undefined): Kind | Problem {
  const chosen = kinds.find(({ provider }) => provider.id === remembered);
  if (chosen !== undefined) return chosen.probe.ready ? chosen : chosen.probe.problem;
  const usable = kinds.find(({ probe }) => probe.ready && !isHosted(probe.caps));
  if (usable !== undefined) return usable;
  const [reason] = kinds.flatMap(({ probe }) => (probe.ready ? [] : [probe.problem]));
  const none = 'No kind of sandbox is ready on this machine. Choose one to see what it needs.';
  return reason ?? problem('sandbox-unavailable', none, { fix: 'show-setup' });
}
