import { z } from 'zod';
import type { ProviderState } from '../../core/sandbox.ts';

export const providerId = 'celesto';
export const stateVersion = 1;

/** What finds a computer again. Everything else about it is asked for. */
const dataShape = z.strictObject({
  computerId: z.string().regex(/^[\w.-]{1,128}$/),
  /** Where it lives: a state of one service names nothing at another. */
  origin: z.url(),
  /** False for a computer that was attached: ending the session lets go of it. */
  deleteOnClose: z.boolean(),
});

export type CelestoState = z.infer<typeof dataShape>;

/** What another process needs to find this computer again. It holds no key. */
export function stateOf(data: CelestoState): ProviderState {
  const { computerId, origin, deleteOnClose } = data;
  return { provider: providerId, version: stateVersion, data: { computerId, origin, deleteOnClose } };
}

/** What names a computer wherever it lives; undefined for the state of something else. */
export function nameIn(state: ProviderState): string | undefined {
  const parsed = state.provider === providerId ? dataShape.safeParse(state.data) : undefined;
  return parsed?.success === true ? `${parsed.data.origin} ${parsed.data.computerId}` : undefined;
}

/** The computer that a state names; undefined where it is none of ours. */
export function readState(state: ProviderState, origin: string): CelestoState | undefined {
  if (state.provider !== providerId || state.version !== stateVersion) return undefined;
  const parsed = dataShape.safeParse(state.data);
  return parsed.success && parsed.data.origin === origin ? parsed.data : undefined;
}
