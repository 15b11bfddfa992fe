import { guestPath } from '../core/paths.ts';
import { AirlockError, problem } from '../core/problem.ts';
import type { Outcome, Sandbox } from '../core/sandbox.ts';
import { mintId } from '../shared/ids.ts';

/** One short program of ours that runs inside a sandbox. */
export interface InsideRequest {
  /** Portable `sh`; its arguments are `$1`, `$2`, … */
  readonly script: string;
  readonly args: readonly string[];
  readonly stdin?: AsyncIterable<Uint8Array>;
  /** Most bytes of standard output that are taken in; with more, the program is ended and `cut` is said. */
  readonly maxBytes: number;
  /** Milliseconds after which it is ended: another program inside may have stopped it. Absent: it may take its time. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface InsideAnswer {
  readonly code: number;
  readonly stdout: Uint8Array;
  /** The end of what it said on standard error, as text. */
  readonly stderr: string;
  /** There was more than `maxBytes`; `stdout` holds the first `maxBytes`. */
  readonly cut: boolean;
}

const keptError = 2000;

/**
 * Runs a script inside and collects its bytes. Rejects with a problem when the program did not run to an end that is
 * known; an exit code other than 0 is an answer.
 */
export async function runInside(sandbox: Sandbox, request: InsideRequest): Promise<InsideAnswer> {
  const stop = new AbortController();
  const signal = request.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, request.signal]);
  const running = sandbox.exec({
    op: mintId('op'),
    run: { argv: ['sh', '-c', request.script, 'airlock', ...request.args] },
    cwd: guestPath('/'),
    ...(request.stdin === undefined ? {} : { stdin: request.stdin }),
    ...(request.deadlineMs === undefined ? {} : { deadlineMs: request.deadlineMs }),
    signal,
    onLinkLoss: 'kill',
  });
  const chunks: Uint8Array[] = [];
  let size = 0;
  let stderr = '';
  for await (const { fd, bytes } of running.output) {
    if (fd === 2) stderr = (stderr + Buffer.from(bytes).toString('utf8')).slice(-keptError);
    else if (size <= request.maxBytes) {
      chunks.push(bytes);
      size += bytes.length;
      if (size > request.maxBytes) stop.abort();
    }
  }
  const outcome = await running.outcome;
  const cut = size > request.maxBytes;
  const stdout = Buffer.concat(chunks).subarray(0, request.maxBytes);
  return { code: cut ? 0 : exitCode(outcome), stdout, stderr: stderr.trim(), cut };
}

function exitCode(outcome: Outcome): number {
  switch (outcome.kind) {
    case 'exited':
      return outcome.code;
    case 'not-started':
    case 'unknown':
      throw new AirlockError(outcome.problem);
    case 'signaled':
      throw new AirlockError(problem('sandbox-lost', `A program inside was ended by ${outcome.signal}.`));
    case 'stopped':
      throw new AirlockError(problem('aborted', 'A program inside was stopped before it was done.'));
  }
}
