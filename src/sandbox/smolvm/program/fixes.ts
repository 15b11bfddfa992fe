import type { FixAction, FixId } from '../../../core/problem.ts';
import { providerId } from '../state.ts';

/** Titles of the actions that set the program up. */
export const titles = { install: 'Install SmolVM', doctor: "Run SmolVM's Doctor" } as const;

/** The button of a problem that one of these actions mends. */
export function mendedBy(id: keyof typeof titles): { readonly fix: FixId; readonly fixAction: FixAction } {
  return { fix: 'run-action', fixAction: { provider: providerId, id, title: titles[id] } };
}
