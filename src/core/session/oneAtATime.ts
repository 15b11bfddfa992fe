import { AirlockError, problem, problemOf, type Problem } from '../problem.ts';

/** Runs the acts of one session one after the other; a failure is remembered for the button that mends it. */
export class OneAtATime {
  #queue: Promise<unknown> = Promise.resolve();
  #problem: Problem | undefined;
  #closed = false;

  /** What the last act failed of. */
  get problem(): Problem | undefined {
    return this.#problem;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** From now on every act is refused, also one that waits already. */
  close(): void {
    this.#closed = true;
  }

  async run<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(async () => {
      if (this.#closed) throw new AirlockError(closedHere);
      this.#problem = undefined;
      return await act();
    });
    this.#queue = turn.catch((error: unknown) => {
      this.#problem = problemOf(error, 'storage-failed');
    });
    return await turn;
  }
}

const closedHere = problem('owned-elsewhere', 'This session was closed in this window. Open it again.');
