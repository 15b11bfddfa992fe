import { Manifest } from '@openai/agents-core/sandbox';
import { AirlockSandboxSession, type SessionOptions } from '../../src/agent/session.ts';
import type { Sandbox } from '../../src/core/sandbox.ts';

/** An SDK session over a sandbox whose workspace is its workspace root. */
export function sessionOver(
  sandbox: Sandbox,
  options: SessionOptions = {},
  manifest: Partial<ConstructorParameters<typeof Manifest>[0]> = {},
): AirlockSandboxSession {
  const full = new Manifest({ root: sandbox.workspaceRoot, ...manifest });
  const state = { sandbox: sandbox.state(), deleteOnClose: true, manifest: full, environment: {} };
  return new AirlockSandboxSession(sandbox, state, options);
}
