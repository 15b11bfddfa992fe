import { fail } from '../problem.ts';
import type { Owner } from './api.ts';

/** Nobody here works, or may work, with it. */
export function isFree(owner: Owner | undefined): boolean {
  return owner === undefined || owner.kind === 'leftover';
}

/**
 * Throws `owned-elsewhere` where a session here works with it, `bad-input` where one may: two sessions in one computer
 * undo each other.
 */
export function refuseTaken(owner: Owner | undefined): void {
  if (isFree(owner)) return;
  if (owner?.kind === 'session') fail('owned-elsewhere', `“${owner.session.title}” works with it already.`);
  fail('bad-input', 'A session of this machine may work with it.');
}
