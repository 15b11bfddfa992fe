import type { Status } from '../../core/sandbox.ts';

/** The present status of a sandbox and those who watch it. */
export class StatusBoard {
  #status: Status;
  readonly #watchers = new Set<() => void>();

  constructor(status: Status) {
    this.#status = status;
  }

  get now(): Status {
    return this.#status;
  }

  set(status: Status): void {
    this.#status = status;
    for (const wake of this.#watchers) wake();
  }

  /** Yields the status at once, then each change, until `signal` aborts. */
  async *watch(signal: AbortSignal): AsyncGenerator<Status> {
    let seen: Status | undefined;
    while (!signal.aborted) {
      if (seen === this.#status) await this.#change(signal);
      else yield (seen = this.#status);
    }
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#watchers.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#watchers.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}
