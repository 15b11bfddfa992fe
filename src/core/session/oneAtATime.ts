import { AirlockError, problem, problemOf, type Problem } from '../problem.ts';
import { unlessLate } from '../unlessLate.ts';

/** Runs the acts of one session one after the other; a failure is remembered for the button that mends it. */
export class OneAtATime {
  #queue: Promise<unknown> = Promise.resolve();
  #problem: Problem | undefined;
  #closed = false;
  #underWay = 0;
  #giveWay = new AbortController();

  /** What the last act failed of. */
  get problem(): Problem | undefined {
    return this.#problem;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** An act is under way or waits, or none can be any more. */
  isBusy(): boolean {
    return this.#closed || this.#underWay > 0;
  }

  /** From now on every act is refused, also one that waits already. */
  close(): void {
    this.#closed = true;
  }

  /** Runs an act when all before it are over. Its signal aborts with the given one, and when it is to give way. */
  async run<T>(act: (signal: AbortSignal) => Promise<T>, own?: AbortSignal): Promise<T> {
    const giveWay = this.#giveWay.signal;
    const signal = own === undefined ? giveWay : AbortSignal.any([own, giveWay]);
    const turn = this.#queue.then(async () => {
      if (this.#closed) throw new AirlockError(closedHere);
      this.#problem = undefined;
      return await act(signal);
    });
    this.#queue = turn.catch((error: unknown) => {
      this.#problem = problemOf(error, 'storage-failed');
    });
    this.#underWay += 1;
    return await turn.finally(() => (this.#underWay -= 1));
  }

  /** Tells the acts that were asked for so far to give way, and waits for them: for so long at most, where it is said. */
  async clear(withinMs?: number): Promise<void> {
    this.#giveWay.abort();
    this.#giveWay = new AbortController();
    if (withinMs !== undefined) this.#queue = unlessLate(this.#queue, withinMs);
    await this.#queue;
  }
}

const closedHere = problem('owned-elsewhere', 'This session was closed in this window. Open it again.');
