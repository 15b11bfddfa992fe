import {
  type Manifest,
  normalizeSandboxClientCreateArgs,
  SandboxConfigurationError,
  SandboxLifecycleError,
  SandboxProviderError,
  type SandboxClient,
  type SandboxClientCreateArgs,
  type SandboxClientOptions,
  type SandboxClientResumeOptions,
  SandboxUnsupportedFeatureError,
} from '@openai/agents-core/sandbox';
import type { Created, CreateIntent, Provider, Sandbox, ToolchainOffer } from '../core/sandbox.ts';
import { mintId } from '../shared/ids.ts';
import { placeEntries } from './manifestEntries.ts';
import { refuseUnsupported } from './place.ts';
import { AirlockSandboxSession, type SessionOptions } from './session.ts';
import { type AirlockSessionState, deserializeState, serializeState } from './state.ts';
import { makeRoot, takeInEntries } from './workspace.ts';

/** Options of one `create`: the provider's own settings, and whether the sandbox ends with its session. */
export interface AirlockClientOptions extends SandboxClientOptions {
  /** Default: what was created by the session is deleted when it is closed, what was there before is let go of. */
  deleteOnClose?: boolean;
}

export interface ClientSetup extends Omit<SessionOptions, 'commands' | 'watcher' | 'edited'> {
  /** Used for every `create`; options of a single one go before. */
  readonly defaults?: AirlockClientOptions;
  readonly toolchains?: readonly ToolchainOffer[];
  /** True for options that name a sandbox which is there already. */
  readonly attaches?: (options: AirlockClientOptions) => boolean;
}

/** The SDK's client over any provider behind core's port. */
export class AirlockSandboxClient implements SandboxClient<AirlockClientOptions, AirlockSessionState> {
  readonly backendId: string;
  readonly #provider: Provider;
  readonly #setup: ClientSetup;

  constructor(provider: Provider, setup: ClientSetup = {}) {
    this.backendId = `airlock-${provider.id}`;
    this.#provider = provider;
    this.#setup = setup;
  }

  /**
   * Creates a sandbox and puts the manifest's entries in place. Rejects with the SDK's error classes, and then leaves
   * no sandbox behind.
   */
  async create(
    args?: SandboxClientCreateArgs<AirlockClientOptions> | Manifest,
    manifestOptions?: AirlockClientOptions,
  ): Promise<AirlockSandboxSession> {
    const normal = normalizeSandboxClientCreateArgs(args, manifestOptions);
    if (normal.snapshot !== undefined && normal.snapshot.type !== 'noop') {
      throw new SandboxUnsupportedFeatureError('Airlock sandboxes take no snapshots: use persistWorkspace().');
    }
    const { manifest } = normal;
    refuseUnsupported(manifest);
    const options = { ...this.#setup.defaults, ...normal.options };
    const deleteOnClose = options.deleteOnClose ?? this.#setup.attaches?.(options) !== true;
    const settings = { ...options, deleteOnClose };
    const placement = await placeEntries(manifest.entries, this.#setup.localSources);
    const environment = await manifest.resolveEnvironment();
    const sandbox = await this.#newSandbox(this.#parse(settings));
    try {
      refuseRoot(manifest, sandbox);
      await makeRoot(sandbox, manifest.root);
      await takeInEntries(sandbox, manifest.root, placement);
      const state = { sandbox: sandbox.state(), deleteOnClose, manifest, environment, workspaceReady: true };
      const session = new AirlockSandboxSession(sandbox, state, this.#setup);
      session.setArchiveLimits(normal.archiveLimits);
      return session;
    } catch (error) {
      await sandbox.delete(new AbortController().signal);
      throw error;
    }
  }

  /** Finds a sandbox again. Rejects with a clear error when it is gone: an empty one in its place would hide a loss. */
  async resume(
    state: AirlockSessionState,
    options: SandboxClientResumeOptions<AirlockClientOptions> = {},
  ): Promise<AirlockSandboxSession> {
    const resumed = await this.#provider.resume(state.sandbox, new AbortController().signal);
    if (resumed.kind === 'gone') throw new SandboxLifecycleError('This sandbox is gone: it was deleted.');
    if (resumed.kind === 'unknown') throw new SandboxProviderError(resumed.problem.detail, { retryable: true });
    // Endpoints of another process lead nowhere.
    const { exposedPorts: _gone, ...rest } = state;
    const next = { ...rest, sandbox: resumed.sandbox.state(), environment: { ...state.environment } };
    const session = new AirlockSandboxSession(resumed.sandbox, next, this.#setup);
    session.setArchiveLimits(options.archiveLimits);
    return session;
  }

  /** Deletes the sandbox of a state without resuming it. Gone is done. */
  async delete(state: AirlockSessionState): Promise<void> {
    const settled = await this.#provider.remove(state.sandbox, new AbortController().signal);
    if (settled.kind !== 'done') throw new SandboxLifecycleError(settled.problem.detail);
  }

  serializeSessionState(state: AirlockSessionState): Promise<Record<string, unknown>> {
    return Promise.resolve(serializeState(state));
  }

  deserializeSessionState(stored: Record<string, unknown>): Promise<AirlockSessionState> {
    return deserializeState(stored);
  }

  canPersistOwnedSessionState(): boolean {
    return true;
  }

  canReusePreservedOwnedSession(): boolean {
    return true;
  }

  #parse(settings: Record<string, unknown>): Record<string, unknown> {
    const parsed = this.#provider.settings.safeParse(settings);
    if (parsed.success) return parsed.data;
    const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'options'}: ${message}`);
    throw new SandboxConfigurationError(`Options for ${this.#provider.title} are wrong. ${wrong.join('; ')}`);
  }

  async #newSandbox(settings: Record<string, unknown>): Promise<Sandbox> {
    const { signal } = new AbortController();
    const probed = await this.#provider.probe(signal);
    if (!probed.ready) throw new SandboxProviderError(probed.problem.detail, { problem: probed.problem.id });
    const intent = { session: mintId('session'), key: crypto.randomUUID() };
    const options = { settings, toolchains: this.#setup.toolchains ?? [] };
    const created = await this.#provider.create(options, intent, () => undefined, signal);
    if (created.kind === 'ready') return created.sandbox;
    throw await this.#notCreated(created, intent);
  }

  /** A create whose answer was lost may have made a sandbox all the same: that one is deleted. */
  async #notCreated(created: Exclude<Created, { kind: 'ready' }>, intent: CreateIntent): Promise<Error> {
    if (created.kind === 'unknown') {
      const { signal } = new AbortController();
      const settled = await this.#provider.settle(intent, signal);
      if (settled.kind === 'ours') await this.#provider.remove(settled.state, signal);
    }
    return new SandboxProviderError(created.problem.detail, { problem: created.problem.id });
  }
}

function refuseRoot(manifest: Manifest, sandbox: Sandbox): void {
  const inside = manifest.root === sandbox.workspaceRoot || manifest.root.startsWith(`${sandbox.workspaceRoot}/`);
  if (inside) return;
  throw new SandboxConfigurationError(
    `The manifest's root must be ${sandbox.workspaceRoot} or lie below it, and is ${manifest.root}.`,
  );
}
