import { z } from 'zod';
import type { ProviderState } from '../../core/sandbox.ts';

export const providerId = 'smolvm';
export const stateVersion = 1;

/** What finds a microVM again. Everything else about it is asked for. */
const dataShape = z.strictObject({
  /** The program that made it: the two names of SmolVM know nothing of each other's. */
  program: z.enum(['smolvm', 'celesto']),
  vmId: z.string().regex(/^[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?$/),
  /** False for a microVM that was attached: ending the session lets go of it. */
  deleteOnClose: z.boolean(),
});

export type SmolVmState = z.infer<typeof dataShape>;

/** What another process needs to find this microVM again. It holds no secret. */
export function stateOf({ program, vmId, deleteOnClose }: SmolVmState): ProviderState {
  return { provider: providerId, version: stateVersion, data: { program, vmId, deleteOnClose } };
}

/** The microVM that a state names; undefined where it names none. */
export function readState(state: ProviderState): SmolVmState | undefined {
  if (state.provider !== providerId || state.version !== stateVersion) return undefined;
  return dataShape.safeParse(state.data).data;
}

/** What all states of one microVM have in common. */
export function nameIn(state: ProviderState): string | undefined {
  const known = readState(state);
  return known === undefined ? undefined : `${known.program}/${known.vmId}`;
}
