import { problemOf, type ErrorId } from '../../core/problem.ts';
import type { Settled } from '../../core/sandbox.ts';

/** The changes of one sandbox, such as a start and a stop: one after the other. */
export class Changes {
  #last: Promise<unknown> = Promise.resolve();

  /** Resolves once all that was asked for so far has ended. */
  get over(): Promise<unknown> {
    return this.#last;
  }

  run<T>(change: () => Promise<T>): Promise<T> {
    const next = this.#last.then(change);
    this.#last = next.catch(() => undefined);
    return next;
  }
}

/** What is true after a change that broke off: nothing was done where its request never left, else nobody knows. */
export function unsettled(caught: unknown, fallback: ErrorId): Settled {
  const why = problemOf(caught, fallback);
  return { kind: why.delivery === 'never-sent' ? 'failed' : 'unknown', problem: why };
}
