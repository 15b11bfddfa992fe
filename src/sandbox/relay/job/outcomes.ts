import { problem } from '../../../core/problem.ts';
import type { Outcome } from '../../../core/sandbox.ts';
import type { LogEnd } from './log.ts';

/** We stopped the computer, and that was verified. */
export const stoppedWithAll: Outcome = { kind: 'stopped', by: 'abort', killed: 'tree' };

/** What the program inside told, as an outcome. */
export function outcomeOf(end: LogEnd): Outcome {
  switch (end.kind) {
    case 'exited':
    case 'signaled':
      return end;
    case 'stopped':
      if (end.verified) return { kind: 'stopped', by: end.by, killed: 'group' };
      return unknown('Some of what the command started could not be ended.');
    case 'refused':
      return notBegun(`The command could not be started: ${end.why}.`);
    case 'void':
      return notBegun('The command was called off before it began.');
  }
}

/** Proven not to have run. */
export function notBegun(detail: string): Outcome {
  return { kind: 'not-started', problem: problem('not-started', detail, { fix: 'retry' }) };
}

/** May still run. */
export function unknown(detail: string): Outcome {
  return { kind: 'unknown', problem: problem('sandbox-lost', detail, { delivery: 'maybe-sent' }) };
}
