import { setTimeout as sleep } from 'node:timers/promises';
import { ProgressLocation, window } from 'vscode';
import { AirlockError } from '../core/problem.ts';
import type { Step } from '../core/sandbox.ts';
import { visibleSentence } from '../shared/visible.ts';

/** How a cancellable piece of work ended. Cancelling is not an error. */
export type Ended<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly error: unknown };

/** Work that says its step and obeys a signal. */
export type Work<T> = (say: (step: string) => void, signal: AbortSignal) => Promise<T>;

/** Work that is done sooner shows nothing, in milliseconds: a notification outlives what it tells of. */
const quietMs = 600;

/** Runs work under a notification with Cancel, which appears once the work has taken a moment. */
export async function withCancel<T>(title: string, work: Work<T>): Promise<Ended<T>> {
  return await underNotification(title, work, true);
}

/** Runs work that nothing can call back, such as the end of a sandbox, under a notification without Cancel. */
export async function untilDone(title: string, work: () => Promise<void>): Promise<void> {
  valueOf(await underNotification(title, work, false));
}

async function underNotification<T>(title: string, work: Work<T>, cancellable: boolean): Promise<Ended<T>> {
  const stop = new AbortController();
  const step: { said?: string; show?: (message: string) => void } = {};
  const say = (message: string): void => {
    step.said = message;
    step.show?.(message);
  };
  const running = ended(work, say, stop.signal);
  const quick = await Promise.race([running, sleep(quietMs)]);
  if (quick !== undefined) return quick;
  const options = { location: ProgressLocation.Notification, title: visibleSentence(title), cancellable };
  return await window.withProgress(options, (progress, token) => {
    token.onCancellationRequested(() => stop.abort());
    step.show = (message) => progress.report({ message: visibleSentence(message) });
    if (step.said !== undefined) step.show(step.said);
    return running;
  });
}

/** A step in one line. */
export function stepText({ title, detail }: Step): string {
  return detail === undefined ? title : `${title} (${detail})`;
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
