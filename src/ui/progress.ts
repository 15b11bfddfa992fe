import { ProgressLocation, window, type CancellationToken } from 'vscode';
import { AirlockError } from '../core/problem.ts';

/** How a cancellable piece of work ended. Cancelling is not an error. */
export type Ended<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly error: unknown };

/** Work that says its step and obeys a signal. */
export type Work<T> = (say: (step: string) => void, signal: AbortSignal) => Promise<T>;

/** Runs work under a notification with Cancel. */
export function withCancel<T>(title: string, work: Work<T>): Promise<Ended<T>> {
  const options = { location: ProgressLocation.Notification, title, cancellable: true };
  return Promise.resolve(
    window.withProgress(options, (progress, token) =>
      ended(work, (message) => progress.report({ message }), abortSignal(token)),
    ),
  );
}

/** Runs work under a thin bar in one of our views. */
export function inView<T>(viewId: string, work: () => Promise<T>): Promise<T> {
  return Promise.resolve(window.withProgress({ location: { viewId } }, work));
}

/** Turns the three-way result into a value, or undefined where the person cancelled. Throws what failed. */
export function valueOf<T>(result: Ended<T>): T | undefined {
  if (result.kind === 'failed') throw result.error;
  return result.kind === 'done' ? result.value : undefined;
}

async function ended<T>(work: Work<T>, say: (step: string) => void, signal: AbortSignal): Promise<Ended<T>> {
  try {
    return { kind: 'done', value: await work(say, signal) };
  } catch (error) {
    return signal.aborted || isAbort(error) ? { kind: 'cancelled' } : { kind: 'failed', error };
  }
}

/** True for what work throws when it was cancelled. */
export function isAbort(error: unknown): boolean {
  if (error instanceof AirlockError) return error.problem.id === 'aborted';
  return error instanceof Error && error.name === 'AbortError';
}

function abortSignal(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}
