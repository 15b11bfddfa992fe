export { stopWithRun } from './callSignal.ts';
export { type AirlockClientOptions, AirlockSandboxClient, type ClientSetup } from './client.ts';
export type { LocalItem, LocalSources } from './localSources.ts';
export type { ForwardPort, PortForward } from './ports.ts';
export { createAgentRunner } from './runner.ts';
export { AirlockSandboxSession, type SessionOptions } from './session.ts';
export type { AirlockSessionState } from './state.ts';
