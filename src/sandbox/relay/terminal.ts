import { fail, problem, type Problem } from '../../core/problem.ts';
import type { Outcome, Settled, Terminal, TerminalEnd, TerminalRequest } from '../../core/sandbox.ts';
import { mintId, type OpId } from '../../shared/ids.ts';
import { notRunning } from './job/start.ts';
import { Job } from './job/job.ts';
import { record, sizeOf, specBytes } from './job/records.ts';
import type { Ways } from './job/way.ts';

/** What is typed at once; more waits until the program took it. */
const pieceBytes = 32_768;

/**
 * Opens a terminal inside. It is held there by our program, so it outlives every connection where that is asked for.
 * Throws `not-started`, `sandbox-gone`, `sandbox-lost` or `aborted`.
 */
export async function openTerminal(
  ways: Ways | undefined,
  shell: string,
  request: TerminalRequest,
  signal: AbortSignal,
): Promise<Terminal> {
  if (signal.aborted) return fail('aborted', 'It was cancelled before it began.');
  if (ways === undefined) return failWith(notRunning());
  const { cols, rows, cwd, env = {}, argv = [shell, '-l'], op = mintId('op') } = request;
  const keep = request.onLinkLoss === 'keep';
  const spec = specBytes({ argv, cwd, env, keep, input: { cols, rows } });
  if (spec === undefined) return fail('not-started', 'A command must not hold a NUL.');
  const ending = new AbortController();
  const job = new Job(ways, { op, spec, signal: ending.signal, mayMiss: true });
  const terminal = new JobTerminal(ways, job, ending, keep);
  const cancel = () => ending.abort();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    await job.started;
    if (!job.over.aborted && !isAborted(signal)) return terminal;
    return await refused(job.outcome, signal, terminal);
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/**
 * Joins a terminal that goes on inside: its last output, then what follows. Throws `not-found` where there is none.
 */
export async function joinTerminal(ways: Ways | undefined, op: OpId, signal: AbortSignal): Promise<Terminal> {
  if (signal.aborted) return fail('aborted', 'It was cancelled before it began.');
  if (ways === undefined) return failWith(notRunning());
  const ending = new AbortController();
  const job = new Job(ways, { op, signal: ending.signal, mayMiss: true });
  const cancel = () => job.letGo();
  signal.addEventListener('abort', cancel, { once: true });
  const first = await job.found();
  signal.removeEventListener('abort', cancel);
  if (isAborted(signal)) return fail('aborted', 'It was cancelled.');
  if (first === 'found') return new JobTerminal(ways, job, ending, true);
  if (first === 'silent') return fail('sandbox-lost', 'The sandbox does not tell of this terminal.');
  return fail('not-found', 'This terminal is not there any more.');
}

/** What was opened and is over already: its program may have been quick. */
async function refused(outcome: Promise<Outcome>, signal: AbortSignal, quick: Terminal): Promise<Terminal> {
  const end = await outcome;
  if (signal.aborted) return fail('aborted', 'It was cancelled.');
  if (end.kind === 'not-started' || end.kind === 'unknown') return failWith(end.problem);
  return quick;
}

class JobTerminal implements Terminal {
  readonly id: OpId;
  readonly read: AsyncIterable<Uint8Array>;
  readonly ended: Promise<TerminalEnd>;
  readonly #ways: Ways;
  readonly #job: Job;
  readonly #ending: AbortController;
  readonly #keeps: boolean;
  #detached = false;
  #typing: Promise<void> = Promise.resolve();

  constructor(ways: Ways, job: Job, ending: AbortController, keeps: boolean) {
    this.id = job.op;
    this.#ways = ways;
    this.#job = job;
    this.#ending = ending;
    this.#keeps = keeps;
    this.read = shown(job);
    this.ended = job.outcome.then((outcome) => this.#endOf(outcome));
  }

  write(bytes: Uint8Array): Promise<void> {
    this.#typing = this.#typing.then(() => this.#type(bytes));
    return this.#typing;
  }

  /** The end of typing: what Ctrl-D says. */
  end(): Promise<void> {
    return this.write(Uint8Array.of(4));
  }

  destroy(): void {
    if (this.#job.over.aborted) return;
    this.#detached = true;
    if (!this.#keeps) void this.#ways.tell(this.id, record('Q')).catch(() => undefined);
    this.#job.letGo();
  }

  async resize(cols: number, rows: number): Promise<void> {
    if (!this.#job.over.aborted) await this.#tell(record('W', sizeOf({ cols, rows })));
  }

  detach(): Promise<void> {
    this.destroy();
    return Promise.resolve();
  }

  async kill(): Promise<Settled> {
    this.#ending.abort();
    const outcome = await this.#job.outcome;
    if (outcome.kind !== 'unknown' || this.#detached) return { kind: 'done' };
    return { kind: 'unknown', problem: notVerified(outcome.problem) };
  }

  async #type(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length && !this.#job.over.aborted; at += pieceBytes) {
      await this.#tell(record('T', bytes.subarray(at, at + pieceBytes)));
    }
  }

  /** What cannot be told now is not told later: a program must never get what was typed twice. */
  async #tell(records: Uint8Array): Promise<void> {
    await Promise.race([this.#ways.tell(this.id, records).catch(() => undefined), this.#job.outcome]);
  }

  #endOf(outcome: Outcome): TerminalEnd {
    if (this.#detached) return { kind: 'detached' };
    if (outcome.kind === 'exited') return outcome;
    if (outcome.kind === 'unknown') return { kind: 'lost', reattach: this.#keeps };
    return { kind: 'exited' };
  }
}

async function* shown(job: Job): AsyncGenerator<Uint8Array> {
  for await (const { bytes } of job.output) yield bytes;
}

/** Asked anew: it may have been aborted since it was last looked at. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

function notVerified({ delivery }: Problem): Problem {
  return problem('sandbox-lost', 'Something that the terminal started may still run.', { delivery });
}

function failWith(why: Problem): never {
  return fail(why.id, why.detail, why);
}
