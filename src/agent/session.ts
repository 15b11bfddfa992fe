import type { Editor } from '@openai/agents-core';
import {
  type ExecCommandArgs,
  type ExposedPortEndpoint,
  type ListDirectoryArgs,
  type Manifest,
  type MaterializeEntryArgs,
  type ReadFileArgs,
  type SandboxArchiveLimits,
  type SandboxDirectoryEntry,
  type SandboxExecResult,
  SandboxExecTransportError,
  type SandboxPreStopHook,
  type SandboxSession,
  type SandboxSessionLifecycleOptions,
  type ViewImageArgs,
  type WorkspaceArchiveData,
  type WorkspaceArchiveOptions,
  type WriteStdinArgs,
  resolveSandboxArchiveLimits,
  validateSandboxArchiveLimits,
} from '@openai/agents-core/sandbox';
import {
  formatExecResponse,
  imageOutputFromBytes,
  MAX_VIEW_IMAGE_BYTES,
  mergeManifestDelta,
  mergeManifestEntryDelta,
  toUint8Array,
  withExclusiveSandboxManifestMutation,
} from '@openai/agents-core/sandbox/internal';
import type { EditReport } from '../core/agent.ts';
import { guestPath } from '../core/paths.ts';
import type { Sandbox } from '../core/sandbox.ts';
import { checkedArchive } from './archive.ts';
import { once } from './byteQueue.ts';
import { callSignal } from './callSignal.ts';
import { createPatchEditor } from './editor.ts';
import { execResult, failedExec, tokensForModel } from './execResult.ts';
import { CommandTable, type CommandWatcher, type LiveCommand } from './execs.ts';
import { InsideFiles, isMissing } from './files.ts';
import { Lifecycle } from './lifecycle.ts';
import type { LocalSources } from './localSources.ts';
import { placeEntries } from './manifestEntries.ts';
import { placeOf, refuseRunAs, refuseUnsupported } from './place.ts';
import { ExposedPorts, type ForwardPort } from './ports.ts';
import type { AirlockSessionState } from './state.ts';
import { takeIn, takeInEntries, tarWorkspace } from './workspace.ts';

const usualExecWaitMs = 10_000;
const usualStdinWaitMs = 250;

export interface SessionOptions {
  /** Makes a port of the sandbox reachable on this machine's loopback; absent: ports cannot be exposed. */
  readonly forward?: ForwardPort | undefined;
  /** Reads `localFile` and `localDir` sources of manifests; absent: such entries are refused. */
  readonly localSources?: LocalSources | undefined;
  /** Commands that outlive this object: turns of one conversation share them. */
  readonly commands?: CommandTable | undefined;
  readonly watcher?: CommandWatcher | undefined;
  readonly edited?: ((edit: EditReport) => void) | undefined;
  /** Ends what is being done inside, also where a tool call brings no signal of its own. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Keeps the standard input of commands over pipes open for `write_stdin`, as the SDK's own sandboxes do. Off, such
   * commands read nothing (tools like ripgrep search a pipe instead of the folder), and interaction needs a terminal.
   */
  readonly openInput?: boolean | undefined;
}

/** The SDK's session over any sandbox behind core's port. Paths are POSIX and checked against the workspace root. */
export class AirlockSandboxSession implements SandboxSession<AirlockSessionState> {
  state: AirlockSessionState;
  readonly sandbox: Sandbox;
  readonly #files: InsideFiles;
  readonly #options: SessionOptions;
  readonly #commands: CommandTable;
  readonly #ports: ExposedPorts;
  readonly #lifecycle: Lifecycle;
  #archiveLimits: SandboxArchiveLimits | null | undefined;

  constructor(sandbox: Sandbox, state: AirlockSessionState, options: SessionOptions = {}) {
    this.sandbox = sandbox;
    this.state = state;
    this.#options = options;
    this.#files = new InsideFiles(
      sandbox,
      () => this.state.manifest.root,
      () => this.#signal,
    );
    this.#commands = options.commands ?? new CommandTable();
    this.#ports = new ExposedPorts(sandbox, options.forward);
    this.#lifecycle = new Lifecycle(sandbox, () => this.state, [this.#commands, this.#ports]);
  }

  supportsPty(): boolean {
    return true;
  }

  /** Never rejects: what failed is in the text, in the words of a command's answer. */
  async execCommand(args: ExecCommandArgs): Promise<string> {
    const started = Date.now();
    try {
      const command = await this.#run(args);
      return formatExecResponse(this.#result(command, started, tokensForModel(args.maxOutputTokens)));
    } catch (error) {
      return failedExec('exec_command', error, started);
    }
  }

  /** For programs: rejects with `SandboxExecTransportError` where it is not known how the command ended. */
  async exec(args: ExecCommandArgs): Promise<SandboxExecResult> {
    const started = Date.now();
    const command = await this.#run(args);
    const { outcome } = command;
    if (outcome?.kind === 'not-started' || outcome?.kind === 'unknown') {
      throw new SandboxExecTransportError(outcome.problem.detail, { retryable: outcome.kind === 'not-started' });
    }
    return this.#result(command, started, args.maxOutputTokens);
  }

  /** Never rejects, as {@link execCommand}. */
  async writeStdin(args: WriteStdinArgs): Promise<string> {
    const started = Date.now();
    const command = this.#commands.get(args.sessionId);
    if (command === undefined) return failedExec('write_stdin', `session not found: ${args.sessionId}`, started);
    try {
      const { chars = '', yieldTimeMs = usualStdinWaitMs } = args;
      if (command.outcome === undefined) await command.type(chars);
      await command.wait(yieldTimeMs, this.#signal);
      if (command.outcome !== undefined) this.#commands.forget(args.sessionId);
      return formatExecResponse(execResult(command, started, tokensForModel(args.maxOutputTokens), args.sessionId));
    } catch (error) {
      return failedExec('write_stdin', error, started);
    }
  }

  createEditor(runAs?: string): Editor {
    refuseRunAs(runAs);
    const edited = this.#options.edited ?? (() => undefined);
    return createPatchEditor(this.#files, (path) => this.#at(path, true), edited);
  }

  async viewImage({ path, runAs }: ViewImageArgs): Promise<ReturnType<typeof imageOutputFromBytes>> {
    const edited = this.#options.edited ?? (() => undefined);
    try {
      refuseRunAs(runAs);
      const { bytes, cut } = await this.#readImage(path);
      if (cut) throw new Error(`Image file exceeds the 10 MB limit: ${path}`);
      const image = imageOutputFromBytes(path, bytes);
      edited({ kind: 'view-image', path, ok: true });
      return image;
    } catch (error) {
      edited({ kind: 'view-image', path, ok: false, detail: error instanceof Error ? error.message : String(error) });
      throw error;
    }
  }

  async readFile({ path, runAs, maxBytes }: ReadFileArgs): Promise<Uint8Array> {
    refuseRunAs(runAs);
    const { bytes, cut } = await this.#files.read(this.#at(path), maxBytes);
    if (cut && maxBytes === undefined) throw new Error(`The file is too large to read at once: ${path}`);
    return bytes;
  }

  async listDir({ path, runAs }: ListDirectoryArgs): Promise<SandboxDirectoryEntry[]> {
    refuseRunAs(runAs);
    const place = placeOf(this.state.manifest, path);
    return this.#files.list(place.path, place.relative ?? place.path);
  }

  async pathExists(path: string, runAs?: string): Promise<boolean> {
    refuseRunAs(runAs);
    return this.#files.exists(this.#at(path));
  }

  async directoryExists(path: string, runAs?: string): Promise<boolean> {
    refuseRunAs(runAs);
    return this.#files.directoryExists(this.#at(path));
  }

  async materializeEntry({ path, entry, runAs }: MaterializeEntryArgs): Promise<void> {
    refuseRunAs(runAs);
    const relative = placeOf(this.state.manifest, path, true).relative ?? path;
    const placed = structuredClone(entry);
    await withExclusiveSandboxManifestMutation(this.state, async () => {
      const next = mergeManifestEntryDelta(this.state.manifest, relative, placed);
      refuseUnsupported(next);
      const placement = await placeEntries({ [relative]: placed }, this.#options.localSources);
      await takeInEntries(this.sandbox, this.state.manifest.root, placement);
      this.state.manifest = next;
    });
  }

  async applyManifest(manifest: Manifest, runAs?: string): Promise<void> {
    refuseRunAs(runAs);
    await withExclusiveSandboxManifestMutation(this.state, async () => {
      const next = mergeManifestDelta(this.state.manifest, manifest);
      refuseUnsupported(next);
      const placement = await placeEntries(manifest.entries, this.#options.localSources);
      await takeInEntries(this.sandbox, next.root, placement);
      this.state.environment = { ...this.state.environment, ...(await manifest.resolveEnvironment()) };
      this.state.manifest = next;
    });
  }

  /** The workspace as a plain tar, without ephemeral paths. */
  persistWorkspace(): Promise<Uint8Array> {
    return tarWorkspace(this.sandbox, this.state.manifest);
  }

  /** Puts an archive in place of the whole workspace; nothing changes unless all of it is accepted and arrives. */
  async hydrateWorkspace(data: WorkspaceArchiveData, options: WorkspaceArchiveOptions = {}): Promise<void> {
    const limits = options.archiveLimits === undefined ? this.#archiveLimits : options.archiveLimits;
    const { manifest } = this.state;
    const bytes = await toUint8Array(data);
    const tar = await checkedArchive(bytes, resolveSandboxArchiveLimits(limits), manifest.ephemeralPersistencePaths());
    await takeIn(this.sandbox, manifest.root, once(tar), 'replace');
  }

  setArchiveLimits(limits?: SandboxArchiveLimits | null): void {
    validateSandboxArchiveLimits(limits);
    this.#archiveLimits = limits;
  }

  resolveExposedPort(port: number): Promise<ExposedPortEndpoint> {
    return this.#ports.resolve(this.state, port);
  }

  start(): Promise<void> {
    return this.#lifecycle.start();
  }

  running(): Promise<boolean> {
    return this.#lifecycle.running();
  }

  registerPreStopHook(hook: SandboxPreStopHook): () => void {
    return this.#lifecycle.registerPreStopHook(hook);
  }

  runPreStopHooks(): Promise<void> {
    return this.#lifecycle.runPreStopHooks();
  }

  preStop(): Promise<void> {
    return this.#lifecycle.runPreStopHooks();
  }

  stop(options?: SandboxSessionLifecycleOptions): Promise<void> {
    return this.#lifecycle.stop(options?.reason);
  }

  shutdown(options?: SandboxSessionLifecycleOptions): Promise<void> {
    return this.#lifecycle.stop(options?.reason);
  }

  delete(options?: SandboxSessionLifecycleOptions): Promise<void> {
    return this.#lifecycle.delete(options?.reason);
  }

  close(): Promise<void> {
    return this.#lifecycle.close();
  }

  async #run(args: ExecCommandArgs): Promise<LiveCommand> {
    refuseRunAs(args.runAs);
    const { cmd, shell, login = true, tty = false, yieldTimeMs = usualExecWaitMs } = args;
    const { openInput = true, watcher } = this.#options;
    const request = { command: cmd, shell, login, cwd: guestPath(this.#at(args.workdir)), env: this.state.environment };
    const how = { tty, openInput, signal: this.#signal };
    const command = await this.#commands.start(this.sandbox, request, how, watcher);
    await command.wait(yieldTimeMs, this.#signal);
    return command;
  }

  #result(command: LiveCommand, started: number, maxOutputTokens: number | undefined): SandboxExecResult {
    if (command.outcome !== undefined) return execResult(command, started, maxOutputTokens);
    const sessionId = this.#commands.keep(command);
    this.#options.watcher?.yielded(command.op);
    return execResult(command, started, maxOutputTokens, sessionId);
  }

  async #readImage(path: string): Promise<{ bytes: Uint8Array; cut: boolean }> {
    try {
      return await this.#files.read(this.#at(path), MAX_VIEW_IMAGE_BYTES);
    } catch (error) {
      if (isMissing(error)) throw new Error(`Image file not found: ${path}`, { cause: error });
      throw error;
    }
  }

  get #signal(): AbortSignal | undefined {
    return callSignal() ?? this.#options.signal;
  }

  #at(path: string | undefined, forWrite = false): string {
    return placeOf(this.state.manifest, path, forWrite).path;
  }
}
