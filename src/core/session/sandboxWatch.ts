import { problem, type Problem } from '../problem.ts';
import type { Sandbox, Status } from '../sandbox.ts';
import type { Recorder } from './recorder.ts';

/** Writes down what becomes of a sandbox without us: what is displayed follows what is true. */
export class SandboxWatch {
  readonly #recorder: Recorder;
  readonly #log: (line: string) => void;
  #watching: AbortController | undefined;

  constructor(recorder: Recorder, log: (line: string) => void) {
    this.#recorder = recorder;
    this.#log = log;
  }

  /** Watches this one from now on, and no other. */
  follow(sandbox: Sandbox): void {
    this.stop();
    const watching = new AbortController();
    this.#watching = watching;
    const follow = async () => {
      for await (const status of sandbox.watch(watching.signal)) {
        if (watching.signal.aborted) return;
        if (status.state !== this.#recorder.regions.sandbox) await this.#noticed(status);
      }
    };
    follow().catch((error: unknown) => {
      if (!watching.signal.aborted) this.#log(`The sandbox can no longer be watched: ${String(error)}`);
    });
  }

  stop(): void {
    this.#watching?.abort();
  }

  async #noticed({ state, detail }: Status): Promise<void> {
    const why = state === 'running' ? {} : { problem: noticedProblem(state, detail) };
    await this.#recorder.add({ t: 'sandbox', state, ...why });
  }
}

function noticedProblem(state: Exclude<Status['state'], 'running'>, detail = 'The sandbox ended by itself.'): Problem {
  if (state === 'gone') return goneProblem();
  if (state === 'paused') {
    const paused = 'The sandbox was paused from outside of Airlock: its programs wait until it is resumed.';
    return problem('sandbox-paused', paused, { fix: 'resume-sandbox' });
  }
  return problem('sandbox-lost', detail, { fix: 'restart-sandbox' });
}

/** Why there is nothing to work with where a sandbox is gone. */
export function goneProblem(): Problem {
  const gone = 'The sandbox is gone. What was taken in of it is still here, and its changes are still offered.';
  return problem('sandbox-gone', gone, { fix: 'refill-sandbox' });
}
