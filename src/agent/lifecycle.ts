import { SandboxLifecycleError, type SandboxPreStopHook } from '@openai/agents-core/sandbox';
import type { Sandbox, Settled } from '../core/sandbox.ts';
import type { AirlockSessionState } from './state.ts';

/** The reason that the SDK gives at the end of a run for a sandbox that it owns. */
const cleanup = 'cleanup';

interface Stoppable {
  stopAll(): Promise<void>;
}

/**
 * Start and end of one session. Everything may be called again. At the end of a run the SDK calls stop, shutdown and
 * delete one after the other; a sandbox that was there before us (`deleteOnClose` false) is only let go of then.
 */
export class Lifecycle {
  readonly #sandbox: Sandbox;
  readonly #state: () => AirlockSessionState;
  readonly #parts: readonly Stoppable[];
  readonly #hooks = new Set<SandboxPreStopHook>();
  #over: Promise<void> | undefined;

  constructor(sandbox: Sandbox, state: () => AirlockSessionState, parts: readonly Stoppable[]) {
    this.#sandbox = sandbox;
    this.#state = state;
    this.#parts = parts;
  }

  async start(): Promise<void> {
    if (this.#over !== undefined) throw new SandboxLifecycleError('This sandbox session has ended.');
    expectDone('start', await this.#sandbox.start(neverAborted()));
    this.#state().sandbox = this.#sandbox.state();
  }

  async running(): Promise<boolean> {
    if (this.#over !== undefined) return false;
    const look = new AbortController();
    try {
      for await (const status of this.#sandbox.watch(look.signal)) return status.state === 'running';
      return false;
    } finally {
      look.abort();
    }
  }

  registerPreStopHook(hook: SandboxPreStopHook): () => void {
    this.#hooks.add(hook);
    return () => void this.#hooks.delete(hook);
  }

  /** Runs each hook once, in order; a failing one does not keep the others from running. */
  async runPreStopHooks(): Promise<void> {
    const hooks = [...this.#hooks];
    this.#hooks.clear();
    const errors: unknown[] = [];
    for (const hook of hooks) {
      try {
        await hook();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }

  /** Ends commands and forwards, and stops the sandbox unless it is about to be deleted or let go of. */
  async stop(reason: string | undefined): Promise<void> {
    await this.#endParts();
    if (this.#over !== undefined || reason === cleanup) return;
    expectDone('stop', await this.#sandbox.stop(neverAborted()));
    this.#state().sandbox = this.#sandbox.state();
  }

  delete(reason: string | undefined): Promise<void> {
    if (reason === cleanup && !this.#state().deleteOnClose) return this.#end(() => this.#sandbox.detach());
    return this.#end(() => this.#deleteSandbox());
  }

  /** Deletes a sandbox that the client created, lets go of one that was there before. */
  close(): Promise<void> {
    return this.#end(() => (this.#state().deleteOnClose ? this.#deleteSandbox() : this.#sandbox.detach()));
  }

  async #deleteSandbox(): Promise<void> {
    expectDone('delete', await this.#sandbox.delete(neverAborted()));
  }

  /** A failed end may be tried again, a done one is not repeated. */
  #end(how: () => Promise<void>): Promise<void> {
    this.#over ??= this.#endParts()
      .then(how)
      .catch((error: unknown) => {
        this.#over = undefined;
        throw error;
      });
    return this.#over;
  }

  async #endParts(): Promise<void> {
    await Promise.all(this.#parts.map((part) => part.stopAll()));
  }
}

function expectDone(what: string, settled: Settled): void {
  if (settled.kind === 'done' || settled.problem.id === 'sandbox-gone') return;
  throw new SandboxLifecycleError(`The sandbox could not ${what}: ${settled.problem.detail}`, {
    retryable: settled.kind === 'unknown',
  });
}

/** What the SDK asks for has no signal; the sandbox has its own deadlines. */
function neverAborted(): AbortSignal {
  return new AbortController().signal;
}
