import { problem, type Problem } from '../../../core/problem.ts';
import type { Exec, ExecRequest } from '../../../core/sandbox.ts';
import type { OpId } from '../../../shared/ids.ts';
import { notStarted } from '../../common/notStarted.ts';
import { Job } from './job.ts';
import { specBytes } from './records.ts';
import type { Ways } from './way.ts';

/** Starts a command. The handle is there before a byte leaves; a refusal is an outcome. */
export function startExec(ways: Ways | undefined, shell: string, request: ExecRequest, wide: boolean): Exec {
  const { op, run, cwd, env, deadlineMs, onLinkLoss, stdin, signal } = request;
  if (signal?.aborted === true) return notStarted(op, problem('aborted', 'It was cancelled before it began.'));
  if (ways === undefined) return notStarted(op, notRunning());
  const argv = 'argv' in run ? run.argv : [shell, run.login === true ? '-lc' : '-c', run.shell];
  if ((argv[0] ?? '') === '') return notStarted(op, problem('not-started', 'No program is named.'));
  const spec = specBytes({
    argv,
    cwd,
    env: env ?? {},
    deadlineMs,
    keep: onLinkLoss === 'keep',
    input: stdin !== undefined,
  });
  if (spec === undefined) return notStarted(op, problem('not-started', 'A command must not hold a NUL.'));
  return new Job(ways, { op, spec, stdin, signal, wide, deadlineMs });
}

/** Finds a command by its operation id. */
export async function attachExec(ways: Ways | undefined, op: OpId): Promise<Exec | 'no-such-op' | 'cannot-know'> {
  if (ways === undefined) return 'cannot-know';
  const job = new Job(ways, { op });
  const first = await job.found();
  if (first === 'found') return job;
  return first === 'none' ? 'no-such-op' : 'cannot-know';
}

/** What everything answers that needs a running sandbox and finds none. */
export function notRunning(): Problem {
  return problem('sandbox-gone', 'The sandbox is not running.', { fix: 'restart-sandbox' });
}
