import type { Foreign } from '../sandbox.ts';

/** Names one computer in a gesture. */
export function computerSubject({ state }: Pick<Foreign, 'state'>): string {
  return JSON.stringify([state.provider, state.data]);
}

/** Names in a gesture which computer is attached to which folder, given by its URI. */
export function attachSubject(computer: Pick<Foreign, 'state'>, folder: string): string {
  return JSON.stringify([computerSubject(computer), folder]);
}
