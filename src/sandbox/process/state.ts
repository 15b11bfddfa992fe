import { basename, dirname } from 'node:path';
import { z } from 'zod';
import type { ProviderState } from '../../core/sandbox.ts';
import type { Place } from './place.ts';
import type { Run } from './record.ts';

export const providerId = 'process';
export const stateVersion = 1;

const dataSchema = z.object({
  folder: z.string(),
  incarnation: z.string().optional(),
  keeper: z.object({ pid: z.number(), start: z.string(), socket: z.string() }).optional(),
});

/** JSON that finds a session again. The record in its folder is the truth; the rest helps a person to look. */
export function stateOf(folder: string, run: Run | undefined): ProviderState {
  const data: z.infer<typeof dataSchema> = { folder };
  if (run !== undefined) {
    data.incarnation = run.incarnation;
    data.keeper = { ...run.keeper, socket: run.socket };
  }
  return { provider: providerId, version: stateVersion, data };
}

/** The session folder that a state names; undefined where it names anything else than a session of this place. */
export function folderIn(state: ProviderState, place: Place): string | undefined {
  if (state.provider !== providerId || state.version !== stateVersion) return undefined;
  const parsed = dataSchema.safeParse(state.data);
  if (!parsed.success) return undefined;
  const { folder } = parsed.data;
  return dirname(folder) === place.sessions && isSessionName(basename(folder)) ? folder : undefined;
}

/** The name of the folder that a state tells of. */
export function nameIn(state: ProviderState): string | undefined {
  const parsed = dataSchema.safeParse(state.data);
  return state.provider === providerId && parsed.success ? basename(parsed.data.folder) : undefined;
}

/** True for names as session folders have them: nothing else is ever looked up as a path. */
export function isSessionName(name: string): boolean {
  return /^[0-9a-f]{16}$/.test(name);
}
