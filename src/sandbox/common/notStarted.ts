import type { Problem } from '../../core/problem.ts';
import type { Exec } from '../../core/sandbox.ts';
import type { OpId } from '../../shared/ids.ts';

/** The handle of a command that was refused before a byte left. */
export function notStarted(op: OpId, why: Problem): Exec {
  return {
    op,
    output: (async function* () {})(),
    interrupt: () => Promise.resolve(),
    outcome: Promise.resolve({ kind: 'not-started', problem: why }),
  };
}
