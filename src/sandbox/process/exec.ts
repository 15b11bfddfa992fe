import { AirlockError, problem, type Problem } from '../../core/problem.ts';
import type { Exec, ExecRequest, Outcome } from '../../core/sandbox.ts';
import type { OpId } from '../../shared/ids.ts';
import { openLink, type Link, type SupervisorEvent } from './link.ts';
import { notStarted } from '../common/notStarted.ts';
import { OutputQueue } from '../common/outputQueue.ts';
import { protocolVersion, type Request } from './wire.ts';

/** The supervisor gives up on a tree after 5 s; past this it is not answering. */
const answerWithinMs = 8000;

type Piece = { readonly fd: 1 | 2; readonly bytes: Uint8Array };

/** What a running command needs from its sandbox. */
export interface Ground {
  /** The supervisor's socket, or undefined while nothing runs. */
  readonly socket: string | undefined;
  /** Ends the whole sandbox from outside, because its supervisor does not answer. True once verified. */
  putDown(why: string): Promise<boolean>;
  /** Resolves true when all that ran is verified dead after a connection was lost because we stopped the sandbox. */
  stoppedByUs(): boolean;
}

/** Starts a command. The handle is there before a byte leaves. */
export function startExec(ground: Ground, request: ExecRequest): Exec {
  const { op, run, cwd, env, deadlineMs, onLinkLoss } = request;
  if (request.signal?.aborted === true) return notStarted(op, problem('aborted', 'It was cancelled before it began.'));
  const exec = new RunningExec(ground, request, {
    v: protocolVersion,
    kind: 'exec',
    op,
    run: 'argv' in run ? { argv: run.argv } : { shell: run.shell, login: run.login === true },
    cwd,
    env: env ?? {},
    stdin: request.stdin !== undefined,
    onLinkLoss,
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  });
  return exec;
}

/** Finds a command by its operation id. */
export async function attachExec(ground: Ground, op: OpId): Promise<Exec | 'no-such-op' | 'cannot-know'> {
  if (ground.socket === undefined) return 'cannot-know';
  const exec = new RunningExec(ground, { op }, { v: protocolVersion, kind: 'attach', op });
  const late = setTimeout(() => exec.giveUp(), answerWithinMs);
  const first = await exec.first.finally(() => clearTimeout(late));
  if (first === 'started') return exec;
  return first === 'no-such-op' ? 'no-such-op' : 'cannot-know';
}

class RunningExec implements Exec {
  readonly op: OpId;
  readonly output: OutputQueue<Piece>;
  readonly outcome: Promise<Outcome>;
  /** The first word of the supervisor: `started`, the code of a refusal, or `lost`. */
  readonly first: Promise<string>;
  readonly #ground: Ground;
  readonly #link: Link | undefined;
  #settle: (outcome: Outcome) => void = () => undefined;
  #settleFirst: (word: string) => void = () => undefined;
  #started = false;
  #done = false;
  #late: NodeJS.Timeout | undefined;

  constructor(ground: Ground, own: Partial<ExecRequest> & { readonly op: OpId }, request: Request) {
    this.op = own.op;
    this.#ground = ground;
    this.output = new OutputQueue({ pause: () => this.#link?.pause(), resume: () => this.#link?.resume() });
    const settled = new Promise<Outcome>((resolve) => (this.#settle = resolve));
    this.first = new Promise((resolve) => (this.#settleFirst = resolve));
    const onAbort = () => this.#ask('abort');
    this.outcome = settled.finally(() => {
      clearTimeout(this.#late);
      own.signal?.removeEventListener('abort', onAbort);
    });
    if (ground.socket === undefined) {
      this.#end({ kind: 'not-started', problem: problem('sandbox-gone', 'The sandbox is not running.') });
      return;
    }
    this.#link = openLink(ground.socket, request, {
      data: (fd, bytes) => this.output.push({ fd, bytes }),
      event: (event) => this.#hear(event),
      over: (sent) => this.#lost(sent),
    });
    own.signal?.addEventListener('abort', onAbort, { once: true });
    if (own.stdin !== undefined) void this.#feed(own.stdin);
    if (own.deadlineMs !== undefined) this.#expect('deadline', own.deadlineMs + answerWithinMs);
  }

  interrupt(signal: 'INT' | 'TERM' | 'KILL'): Promise<void> {
    if (!this.#done) this.#link?.control({ do: 'signal', signal });
    return Promise.resolve();
  }

  /** Lets go of what does not answer. */
  giveUp(): void {
    this.#end(unknown('The sandbox does not answer.'));
  }

  #ask(by: 'abort'): void {
    if (this.#done) return;
    this.output.letFlow();
    this.#link?.control({ do: 'abort' });
    this.#expect(by, answerWithinMs);
  }

  /** Past this time the supervisor was stopped or lies: the sandbox is ended from outside. */
  #expect(by: 'abort' | 'deadline', withinMs: number): void {
    clearTimeout(this.#late);
    this.#late = setTimeout(() => {
      void this.#ground.putDown('its supervisor did not answer').then((verified) => {
        if (verified) this.#end({ kind: 'stopped', by, killed: 'tree' });
        else this.#end(unknown('The sandbox does not answer and could not be ended.'));
      });
    }, withinMs);
  }

  async #feed(stdin: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const bytes of stdin) {
        if (this.#done) return;
        await this.#link?.send(bytes);
      }
      this.#link?.sendEnd();
    } catch {
      // The source broke: the command must not take what came so far for the whole.
      this.#ask('abort');
    }
  }

  #hear(event: SupervisorEvent): void {
    switch (event.event) {
      case 'started':
        this.#started = true;
        this.#settleFirst('started');
        break;
      case 'refused':
        this.#settleFirst(event.code);
        this.#end(refusal(event.code, event.message));
        break;
      case 'exited':
        this.#end({ kind: 'exited', code: event.code });
        break;
      case 'signaled':
        this.#end({ kind: 'signaled', signal: event.signal });
        break;
      case 'stopped':
        this.#end({ kind: 'stopped', by: event.by, killed: event.killed });
        break;
      default:
        throw new AirlockError(problem('protocol', 'The supervisor said what it was not asked.'));
    }
  }

  #lost(sent: boolean): void {
    if (this.#ground.stoppedByUs()) this.#end({ kind: 'stopped', by: 'abort', killed: 'tree' });
    else if (this.#started || sent) this.#end(unknown('The connection to the sandbox was lost.'));
    else this.#end({ kind: 'not-started', problem: problem('sandbox-lost', 'The sandbox does not answer.') });
  }

  #end(outcome: Outcome): void {
    if (this.#done) return;
    this.#done = true;
    this.#settleFirst('lost');
    this.output.end();
    this.#settle(outcome);
    this.#link?.close();
  }
}

function refusal(code: string, message: string): Outcome {
  if (code === 'duplicate-op') return unknown('A command of this operation was started before.');
  if (code === 'no-such-op' || code === 'cannot-know') return unknown('Nothing is known of this operation.');
  if (code === 'version') return { kind: 'not-started', problem: versionProblem() };
  const clean = message.replace(/[^\x20-\x7e]/g, '?').slice(0, 300);
  return {
    kind: 'not-started',
    problem: problem('not-started', `The command could not be started: ${clean} (${code}).`),
  };
}

function versionProblem(): Problem {
  return problem('protocol', 'The sandbox was started by another version of Airlock. Restart it on the same files.', {
    fix: 'restart-sandbox',
  });
}

function unknown(detail: string): Outcome {
  return { kind: 'unknown', problem: problem('sandbox-lost', detail, { delivery: 'maybe-sent' }) };
}
