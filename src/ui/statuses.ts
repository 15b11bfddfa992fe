import type { SessionStatus } from '../shared/view.ts';

const busy: readonly SessionStatus[] = ['starting', 'uploading', 'working', 'stopping'];
const over: readonly SessionStatus[] = ['ended', 'gone'];

/** Something runs that the person waits for. */
export function isBusy(status: SessionStatus): boolean {
  return busy.includes(status);
}

/** Its sandbox is no more: what it left is kept, and work goes on in a new session. */
export function isOver(status: SessionStatus): boolean {
  return over.includes(status);
}

/** There is a sandbox, or there was one whose end is not known. */
export function hasSandbox(status: SessionStatus): boolean {
  return status !== 'new' && !isOver(status);
}
