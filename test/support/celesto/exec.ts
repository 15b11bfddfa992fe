import type { z } from 'zod';
import type { Outcome } from '../../../src/core/sandbox.ts';
import { mintId } from '../../../src/shared/ids.ts';
import type { Computer, Invocation } from './computer.ts';
import { guestHome } from './guests.ts';
import { freshId } from './ids.ts';
import type { execSchema } from './schemas.ts';

/** What the stream route tells of a command. */
export type ExecEvent =
  | { type: 'started'; command_id: string; started_at_unix_ms: number; timeout_seconds: number }
  | { type: 'stdout' | 'stderr'; data: string }
  | ExitEvent;

export interface ExitEvent {
  readonly type: 'exit';
  readonly exit_code: number;
  readonly command_id: string;
  readonly started_at_unix_ms: number;
  readonly ended_at_unix_ms: number;
  readonly duration_ms: number;
  readonly timed_out: boolean;
}

const timeoutCode = 124;
const cannotRunCode = 126;

/**
 * Runs a command in a computer for real. It goes on when its reader is gone, until its own end or its time-out: the
 * generator must be read to its end. Throws the service's 409 where the computer does not run.
 */
export function runCommand(
  computer: Computer,
  { command, timeout }: z.infer<ReturnType<typeof execSchema>>,
): AsyncGenerator<ExecEvent> {
  const running = computer.running().exec({
    op: mintId('op'),
    run: { shell: command },
    cwd: guestHome,
    deadlineMs: timeout * 1000,
    onLinkLoss: 'keep',
  });
  const invocation = begun(timeout);
  computer.history.unshift(invocation);
  return events(running, invocation);
}

async function* events(
  { output, outcome }: Pick<ReturnType<ReturnType<Computer['running']>['exec']>, 'output' | 'outcome'>,
  invocation: Invocation,
): AsyncGenerator<ExecEvent> {
  const started = Date.parse(invocation.started_at);
  const { command_id, timeout_seconds } = invocation;
  yield { type: 'started', command_id, started_at_unix_ms: started, timeout_seconds };
  const texts = { 1: new TextDecoder(), 2: new TextDecoder() };
  for await (const { fd, bytes } of output) {
    invocation[fd === 1 ? 'stdout_bytes' : 'stderr_bytes'] += bytes.length;
    const data = texts[fd].decode(bytes, { stream: true });
    if (data !== '') yield { type: fd === 1 ? 'stdout' : 'stderr', data };
  }
  for (const fd of [1, 2] as const) {
    const data = texts[fd].decode();
    if (data !== '') yield { type: fd === 1 ? 'stdout' : 'stderr', data };
  }
  const ended = await outcome;
  if (ended.kind === 'not-started') yield { type: 'stderr', data: `${ended.problem.detail}\n` };
  yield end(invocation, ended, started);
}

function begun(timeout_seconds: number): Invocation {
  return {
    command_id: freshId('cmd'),
    source: 'api',
    status: 'running',
    started_at: new Date().toISOString(),
    timeout_seconds,
    ended_at: null,
    duration_ms: null,
    exit_code: null,
    stdout_bytes: 0,
    stderr_bytes: 0,
    error_type: null,
  };
}

function end(invocation: Invocation, outcome: Outcome, started: number): ExitEvent {
  const ended = Date.now();
  const timedOut = outcome.kind === 'stopped' && outcome.by === 'deadline';
  const exit_code = codeOf(outcome);
  invocation.status = timedOut ? 'timed_out' : exit_code === 0 ? 'succeeded' : 'failed';
  invocation.ended_at = new Date(ended).toISOString();
  invocation.duration_ms = ended - started;
  invocation.exit_code = exit_code;
  if (timedOut) invocation.error_type = 'timeout';
  return {
    type: 'exit',
    exit_code,
    command_id: invocation.command_id,
    started_at_unix_ms: started,
    ended_at_unix_ms: ended,
    duration_ms: ended - started,
    timed_out: timedOut,
  };
}

const signals: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15,
};

function codeOf(outcome: Outcome): number {
  switch (outcome.kind) {
    case 'exited':
      return outcome.code;
    case 'signaled':
      return 128 + (signals[outcome.signal] ?? 0);
    case 'not-started':
      return cannotRunCode;
    case 'stopped':
      return outcome.by === 'deadline' ? timeoutCode : 137;
    case 'unknown':
      return 137;
  }
}

/** Body of the buffered route's answer. */
export async function gather(running: AsyncIterable<ExecEvent>): Promise<Record<string, unknown>> {
  const texts = { stdout: [] as string[], stderr: [] as string[] };
  let exit: ExitEvent | undefined;
  for await (const event of running) {
    if (event.type === 'exit') exit = event;
    else if (event.type !== 'started') texts[event.type].push(event.data);
  }
  if (exit === undefined) throw new Error('A command told no end.');
  const { exit_code, command_id, duration_ms, timed_out } = exit;
  return {
    exit_code,
    stdout: texts.stdout.join(''),
    stderr: texts.stderr.join(''),
    command_id,
    duration_ms,
    timed_out,
  };
}
