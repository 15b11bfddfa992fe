import { deserializeManifest, serializeManifestRecord } from '@openai/agents-core/sandbox/internal';
import {
  rehydratePersistedEnvironmentForRuntime,
  serializeRuntimeEnvironmentForPersistence,
} from '@openai/agents-core/sandbox/internal';
import { type SandboxSessionState, SandboxConfigurationError } from '@openai/agents-core/sandbox';
import { z } from 'zod';
import type { ProviderState } from '../core/sandbox.ts';

/** What an Airlock session adds to the SDK's session state. Holds no secret. */
export interface AirlockSessionState extends SandboxSessionState {
  /** How the provider finds the sandbox again. */
  sandbox: ProviderState;
  /** The sandbox ends with the session: true for those that the client created. */
  deleteOnClose: boolean;
  environment: Record<string, string>;
}

const storedShape = z.object({
  sandbox: z.object({ provider: z.string(), version: z.number(), data: z.unknown() }),
  deleteOnClose: z.boolean(),
  manifest: z.record(z.string(), z.unknown()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
});

/**
 * The state as JSON. Values of ephemeral variables and content of ephemeral entries are left out by the SDK's own
 * rules; endpoints of exposed ports are left out since they live in this process only.
 */
export function serializeState(state: AirlockSessionState): Record<string, unknown> {
  return {
    sandbox: { ...state.sandbox },
    deleteOnClose: state.deleteOnClose,
    manifest: serializeManifestRecord(state.manifest),
    environment: serializeRuntimeEnvironmentForPersistence(state.manifest, state.environment),
    workspaceReady: true,
  };
}

/** Reads {@link serializeState}'s JSON back. Throws `SandboxConfigurationError` for anything else. */
export async function deserializeState(stored: Record<string, unknown>): Promise<AirlockSessionState> {
  const parsed = storedShape.safeParse(stored);
  if (!parsed.success) throw new SandboxConfigurationError('This is not the state of an Airlock sandbox session.');
  const { sandbox, deleteOnClose, manifest: record, environment } = parsed.data;
  const manifest = deserializeManifest(record);
  return {
    sandbox,
    deleteOnClose,
    manifest,
    environment: await rehydratePersistedEnvironmentForRuntime(manifest, environment),
    workspaceReady: true,
  };
}
