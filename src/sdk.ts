import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AirlockSandboxClient, type AirlockClientOptions, type ClientSetup } from './agent/index.ts';
import { fail } from './core/problem.ts';
import type { Provider, ToolchainOffer } from './core/sandbox.ts';
import { environmentVariable } from './host/environment.ts';
import { readSource } from './host/manifestSources.ts';
import { thisMachine } from './host/spawn.ts';
import { openRawForward } from './sandbox/forward/index.ts';
import { celestoProvider, type CelestoProviderParts } from './sandbox/celesto/index.ts';
import { processProvider } from './sandbox/process/index.ts';
import { smolVmProvider } from './sandbox/smolvm/index.ts';

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

/** What clients have in common. */
interface Listening {
  /**
   * Takes a line of what a sandbox has to say for the record, such as which way commands take or that a slower one had to
   * do. Lines hold no secret. Default: nobody hears them.
   */
  readonly log?: (line: string) => void;
}

const nobody = (): void => undefined;

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

/** What a {@link ProcessSandboxClient} is made with. */
export interface ProcessSandboxSetup extends Listening {
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
      log: setup.log ?? nobody,
    });
    super(provider, { ...ofThisMachine, defaults: setup.options ?? {}, toolchains: setup.toolchains ?? [] });
  }
}

/** Options of a hosted computer; each may also be given to one `create`. */
export interface CelestoSandboxOptions extends AirlockClientOptions {
  /** Virtual CPUs, 1 to 16. Default 1. */
  cpus?: number;
  /** MiB, 512 to 32768. Default 1024. */
  memory?: number;
  /** Default `ubuntu-desktop-24.04`. */
  image?: string;
  /** Such as `scratch` or `coding-agent`. Default: the service's own choice. */
  template?: string;
  /** MiB, 512 to 20480. */
  diskSize?: number;
  /** `off`: the computer has no way to the internet. */
  networkPolicy?: 'open' | 'off';
  /** Id or name of a computer to use instead of a new one. It is let go of at the end unless `deleteOnClose` is true. */
  computerId?: string;
  /** Minutes without a sign of life after which the computer shuts itself down; 0: never. Default 30. */
  idleMinutes?: number;
}

/** Where the hosted service is, and who asks. */
export interface CelestoConnectionSetup extends Listening {
  /** Default: the variable `CELESTO_API_KEY`. */
  readonly apiKey?: string;
  /** With or without `/v1`. Default: the variable `CELESTO_BASE_URL`, then the hosted service. */
  readonly baseUrl?: string;
  /** Folder for notes by which a lost answer is settled; they hold no secret. Default: `.airlock/celesto` in the home. */
  readonly storage?: string;
  /** Carries HTTP and WebSockets, for a proxy or certificates of your own. */
  readonly dispatcher?: CelestoProviderParts['dispatcher'];
}

/**
 * A connection to the hosted service, which several clients may share. Throws `sign-in-needed` where there is no API
 * key; nothing is asked of the service yet.
 */
export function connectToCelesto(setup: CelestoConnectionSetup = {}): Provider {
  const key = (setup.apiKey ?? environmentVariable('CELESTO_API_KEY'))?.trim() ?? '';
  if (key === '') fail('sign-in-needed', 'Give an API key of Celesto as apiKey, or in the variable CELESTO_API_KEY.');
  const baseUrl = setup.baseUrl ?? environmentVariable('CELESTO_BASE_URL');
  return celestoProvider({
    baseUrl: () => baseUrl,
    keys: { read: () => Promise.resolve({ value: key }) },
    storage: setup.storage ?? join(homedir(), '.airlock', 'celesto'),
    log: setup.log ?? nobody,
    ...(setup.dispatcher === undefined ? {} : { dispatcher: setup.dispatcher }),
  });
}

/** What a {@link CelestoSandboxClient} is made with. */
export interface CelestoSandboxSetup extends CelestoConnectionSetup {
  readonly options?: CelestoSandboxOptions;
  /** One made by {@link connectToCelesto}, instead of the fields above. */
  readonly connection?: Provider;
}

/** Hosted Celesto computers: a virtual machine each, in the cloud. */
export class CelestoSandboxClient extends AirlockSandboxClient {
  constructor(setup: CelestoSandboxSetup = {}) {
    super(setup.connection ?? connectToCelesto(setup), {
      ...ofThisMachine,
      defaults: setup.options ?? {},
      attaches: (options) => options['computerId'] !== undefined,
    });
  }
}

/** Options of a microVM on this machine; each may also be given to one `create`. */
export interface SmolVMSandboxOptions extends AirlockClientOptions {
  /** Default: what SmolVM takes for its backend. */
  os?: 'ubuntu' | 'alpine';
  /** Default `auto`. */
  backend?: 'auto' | 'qemu' | 'firecracker' | 'libkrun';
  /** MiB, 128 to 16384. */
  memory?: number;
  /** MiB, 64 to 262144. */
  diskSize?: number;
  /** Ports inside that are reached at the same ports of this machine's loopback while this program holds the microVM. */
  exposedPorts?: number[];
  /** Seconds that a microVM may take to come up, when it is made and at each later start, 10 to 900. Default 120. */
  bootTimeout?: number;
  /** Name of a microVM to use instead of a new one. It is let go of at the end unless `deleteOnClose` is true. */
  vmId?: string;
}

/** What a {@link SmolVMSandboxClient} is made with. */
export interface SmolVMSandboxSetup extends Listening {
  readonly options?: SmolVMSandboxOptions;
  /** Absolute path of `smolvm` or `celesto`. Default: found in the folders of PATH. */
  readonly path?: string;
  /** The home folder in which that program keeps its keys. Default: this user's. */
  readonly home?: string;
  /** Folder for notes and host keys; they hold no secret. Default: `.airlock/smolvm` in the home. */
  readonly storage?: string;
}

/** Local microVMs by SmolVM: no account, nothing leaves this machine. Linux and macOS. */
export class SmolVMSandboxClient extends AirlockSandboxClient {
  constructor(setup: SmolVMSandboxSetup = {}) {
    const { path, home } = setup;
    const provider = smolVmProvider({
      machine: thisMachine(),
      storage: setup.storage ?? join(homedir(), '.airlock', 'smolvm'),
      path: () => path,
      variable: environmentVariable,
      log: setup.log ?? nobody,
      ...(home === undefined ? {} : { home: () => home }),
    });
    super(provider, {
      ...ofThisMachine,
      defaults: setup.options ?? {},
      attaches: (options) => options['vmId'] !== undefined,
    });
  }
}
