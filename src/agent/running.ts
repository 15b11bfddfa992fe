import { Readable } from 'node:stream';
import type { GuestPath } from '../core/paths.ts';
import { type Problem, problemOf } from '../core/problem.ts';
import type { ExecRequest, Outcome, Sandbox, Terminal } from '../core/sandbox.ts';
import type { OpId } from '../shared/ids.ts';
import { ByteQueue } from './byteQueue.ts';

/** How long a terminal may take to open, in milliseconds. */
const openWithinMs = 60_000;

/** A command of the model that runs, over pipes or on a terminal. */
export interface Running {
  readonly output: AsyncIterable<{ readonly fd: 1 | 2; readonly bytes: Uint8Array }>;
  /** Never rejects. */
  readonly outcome: Promise<Outcome>;
  /** Undefined where its standard input is closed. */
  readonly write: ((bytes: Uint8Array) => Promise<void>) | undefined;
  /** What Ctrl-C does. */
  interrupt(): Promise<void>;
  /** Ends it with all that it started; `outcome` says what was verified. */
  stop(): void;
}

export interface CommandRequest {
  readonly op: OpId;
  readonly command: string;
  /** Shell program to run it with; absent: the sandbox's own. */
  readonly shell: string | undefined;
  readonly login: boolean;
  readonly cwd: GuestPath;
  readonly env: Readonly<Record<string, string>>;
}

/** Starts a command over pipes. With `openInput` its standard input stays open for writing, else it reads nothing. */
export function startPiped(sandbox: Sandbox, request: CommandRequest, openInput: boolean): Running {
  const stop = new AbortController();
  const input = openInput ? new ByteQueue() : undefined;
  const running = sandbox.exec({
    op: request.op,
    run: shellRun(request),
    cwd: request.cwd,
    env: request.env,
    signal: stop.signal,
    onLinkLoss: 'keep',
    ...(input === undefined ? {} : { stdin: input }),
  });
  void running.outcome.then(() => input?.end());
  return {
    output: running.output,
    outcome: running.outcome,
    write: input && ((bytes) => push(input, bytes)),
    interrupt: () => running.interrupt('INT'),
    stop: () => stop.abort(),
  };
}

function push(input: ByteQueue, bytes: Uint8Array): Promise<void> {
  input.push(bytes);
  return Promise.resolve();
}

function shellRun({ command, shell, login }: CommandRequest): ExecRequest['run'] {
  return shell === undefined ? { shell: command, login } : { argv: [shell, login ? '-lc' : '-c', command] };
}

/**
 * Starts a command on a terminal of 80 by 24, the size that the SDK's own sandboxes use. Never rejects: one that could
 * not be started has ended, and its outcome says whether it may run all the same.
 */
export async function startOnTerminal(
  sandbox: Sandbox,
  request: CommandRequest,
  signal: AbortSignal | undefined,
): Promise<Running> {
  const { op, command, shell = 'sh', login, cwd, env } = request;
  const argv = [shell, login ? '-lc' : '-c', command];
  const late = AbortSignal.timeout(openWithinMs);
  const opening = signal === undefined ? late : AbortSignal.any([late, signal]);
  try {
    return onTerminal(await sandbox.openTerminal({ op, cwd, cols: 80, rows: 24, argv, env }, opening), sandbox);
  } catch (error) {
    return neverOpened(problemOf(error, 'sandbox-lost'));
  }
}

/** Only what never left the host is proven not to have run. */
function neverOpened(why: Problem): Running {
  const outcome: Outcome = { kind: why.delivery === 'never-sent' ? 'not-started' : 'unknown', problem: why };
  return {
    output: Readable.from([]),
    outcome: Promise.resolve(outcome),
    write: undefined,
    interrupt: () => Promise.resolve(),
    stop: () => undefined,
  };
}

function onTerminal(terminal: Terminal, sandbox: Sandbox): Running {
  const stopping: { done?: Promise<Outcome> } = {};
  const natural = terminal.ended.then((end) => stopping.done ?? endOf(end));
  return {
    output: bytesOf(terminal),
    outcome: natural,
    write: (bytes) => terminal.write(bytes),
    interrupt: () => terminal.write(Uint8Array.of(3)),
    stop: () => {
      stopping.done ??= kill(terminal, sandbox);
    },
  };
}

async function* bytesOf(terminal: Terminal): AsyncGenerator<{ fd: 1; bytes: Uint8Array }> {
  for await (const bytes of terminal.read) yield { fd: 1, bytes };
}

function endOf(end: Awaited<Terminal['ended']>): Outcome {
  if (end.kind === 'exited') return { kind: 'exited', code: end.code ?? 1 };
  return {
    kind: 'unknown',
    problem: {
      id: 'sandbox-lost',
      detail: 'The terminal of this command was lost; the command may still run.',
      delivery: 'maybe-sent',
    },
  };
}

async function kill(terminal: Terminal, sandbox: Sandbox): Promise<Outcome> {
  try {
    const settled = await terminal.kill();
    if (settled.kind !== 'done') return { kind: 'unknown', problem: settled.problem };
    return { kind: 'stopped', by: 'abort', killed: sandbox.caps.abort === 'tree' ? 'tree' : 'group' };
  } catch (error) {
    return { kind: 'unknown', problem: problemOf(error, 'sandbox-lost') };
  }
}
