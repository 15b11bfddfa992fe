import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AirlockSandboxClient, type AirlockClientOptions, type ClientSetup } from './agent/index.ts';
import type { ToolchainOffer } from './core/sandbox.ts';
import { readSource } from './host/manifestSources.ts';
import { thisMachine } from './host/spawn.ts';
import { openRawForward } from './sandbox/forward/index.ts';
import { processProvider } from './sandbox/process/index.ts';

// The second composition root: sandbox clients by name, for programs that use the OpenAI Agents SDK without the editor.

export { AirlockSandboxClient, AirlockSandboxSession, type AirlockSessionState, stopWithRun } from './agent/index.ts';

/** What every client reaches this machine with: loopback listeners, and sources of manifests below the working folder. */
const ofThisMachine: ClientSetup = {
  forward: async (sandbox, port) => {
    const opened = await openRawForward(sandbox, { port });
    return { host: '127.0.0.1', port: opened.localPort, close: () => opened.close() };
  },
  localSources: (source, kind) => readSource(process.cwd(), source, kind),
};

/** Options of a sandbox on this machine; each may also be given to one `create`. */
export interface ProcessSandboxOptions extends AirlockClientOptions {
  /** MiB, for each process and for all together. */
  memoryMb?: number;
  maxProcesses?: number;
  /** MiB that one file may grow to. */
  maxFileMb?: number;
  /** Open files per process. */
  maxOpenFiles?: number;
  /** Minutes for which a sandbox waits for a program to come back to it, before its processes end. Its files stay. */
  keepAliveMinutes?: number;
}

export interface ProcessSandboxSetup {
  readonly options?: ProcessSandboxOptions;
  /** Folder that sandboxes live in; a resume needs the same. Default: `.airlock/sandboxes` in the home. */
  readonly storage?: string;
  /** Folder of the two bundled programs, `supervisor.cjs` and `keeper.cjs`. Default: `dist` of this package. */
  readonly programs?: string;
  /** Tools outside of the system that a sandbox may read. */
  readonly toolchains?: readonly ToolchainOffer[];
}

/** Sandboxes on this machine: processes confined to a folder of their own, without network. Linux and macOS. */
export class ProcessSandboxClient extends AirlockSandboxClient {
  constructor(setup: ProcessSandboxSetup = {}) {
    const programs = setup.programs ?? fileURLToPath(new URL('../dist', import.meta.url));
    const provider = processProvider({
      machine: thisMachine(),
      storage: setup.storage ?? join(homedir(), '.airlock', 'sandboxes'),
      programs: { supervisor: join(programs, 'supervisor.cjs'), keeper: join(programs, 'keeper.cjs') },
      log: () => undefined,
    });
    super(provider, { ...ofThisMachine, defaults: setup.options ?? {}, toolchains: setup.toolchains ?? [] });
  }
}
