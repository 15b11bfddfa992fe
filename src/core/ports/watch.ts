import type { Listener, Sandbox } from '../sandbox.ts';

/** Looks which ports programs listen on, and only while it is asked to. */
export class PortWatch {
  readonly #heard: () => void;
  #seen: readonly Listener[] = [];
  #watching: AbortController | undefined;
  #wanted: Sandbox | undefined;

  /** `heard` is called whenever `seen` is another list. */
  constructor(heard: () => void) {
    this.#heard = heard;
  }

  /** What was seen last; empty while nothing is looked for. */
  get seen(): readonly Listener[] {
    return this.#seen;
  }

  /** Looks into that sandbox from now on, or no longer. */
  follow(sandbox: Sandbox | undefined): void {
    if (sandbox === this.#wanted) return;
    this.#wanted = sandbox;
    this.#watching?.abort();
    if (sandbox !== undefined) void this.#watch(sandbox);
    else if (this.#seen.length > 0) this.#hear([]);
  }

  async #watch(sandbox: Sandbox): Promise<void> {
    const watching = new AbortController();
    this.#watching = watching;
    try {
      for await (const seen of sandbox.listeners(watching.signal)) {
        if (watching.signal.aborted) return;
        this.#hear(seen);
      }
    } catch {
      // Why a sandbox cannot be asked is told by its status; nothing is known of its ports until the next look.
      if (!watching.signal.aborted) this.#wanted = undefined;
    }
    if (!watching.signal.aborted) this.#hear([]);
  }

  #hear(seen: readonly Listener[]): void {
    this.#seen = seen;
    this.#heard();
  }
}
