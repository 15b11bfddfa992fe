import { fail } from '../../core/problem.ts';
import type { Pipe } from '../../core/sandbox.ts';

/** A connection that is being made. */
export interface Connecting {
  /** Rejects where it could not be made. */
  readonly ready: Promise<unknown>;
  readonly pipe: Pipe;
}

/** The pipe of a connection once it is made. Throws `aborted` where that was called off first, and what it fails with. */
export async function connected({ ready, pipe }: Connecting, signal: AbortSignal): Promise<Pipe> {
  const give = () => pipe.destroy();
  signal.addEventListener('abort', give, { once: true });
  if (signal.aborted) give();
  try {
    await ready;
    return pipe;
  } catch (error) {
    if (signal.aborted) fail('aborted', 'The connection was cancelled.');
    throw error;
  } finally {
    signal.removeEventListener('abort', give);
  }
}
