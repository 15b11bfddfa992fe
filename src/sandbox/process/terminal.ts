import { AirlockError, fail, problem, type Problem } from '../../core/problem.ts';
import type { Settled, Terminal, TerminalEnd, TerminalRequest } from '../../core/sandbox.ts';
import { mintId, parseId, type OpId } from '../../shared/ids.ts';
import type { Ground } from './exec.ts';
import { openLink, type Link, type SupervisorEvent } from './link.ts';
import { OutputQueue } from '../common/outputQueue.ts';
import { protocolVersion, type Request } from './wire.ts';

const killWithinMs = 8000;
const listWithinMs = 5000;
/** Output that may wait for a slow reader: little, so that what a person types is answered soon. */
const waiting = { high: 128 * 1024, low: 32 * 1024 };

/**
 * Opens a terminal inside. Throws `sandbox-gone`, `not-started` or `aborted`, and `sandbox-lost` that `maybe-sent` where it
 * may be open all the same.
 */
export async function openTerminal(ground: Ground, request: TerminalRequest, signal: AbortSignal): Promise<Terminal> {
  const { op = mintId('op'), cwd, cols, rows, argv, env = {}, onLinkLoss = 'kill' } = request;
  const line = { cwd, cols, rows, env, onLinkLoss, ...(argv === undefined ? {} : { argv }) };
  const how = { op, keeps: onLinkLoss === 'keep' };
  const answer = await begin(ground, { v: protocolVersion, kind: 'terminal', op, ...line }, how, signal);
  if ('delivery' in answer) throw new AirlockError(answer);
  return answer;
}

/** Joins a terminal that goes on inside. Throws `not-found` where there is none, `sandbox-gone` or `aborted`. */
export async function joinTerminal(ground: Ground, op: OpId, signal: AbortSignal): Promise<Terminal> {
  const answer = await begin(ground, { v: protocolVersion, kind: 'join', op }, { op, keeps: true }, signal);
  return 'delivery' in answer ? fail('not-found', 'This terminal is not there any more.') : answer;
}

/** The operations of the terminals that are kept inside; none where the sandbox does not answer in time. */
export function keptTerminals(ground: Ground): Promise<readonly OpId[]> {
  const { socket } = ground;
  if (socket === undefined) return Promise.resolve([]);
  return new Promise((resolve) => {
    let list: readonly string[] = [];
    const link = openLink(
      socket,
      { v: protocolVersion, kind: 'terminals' },
      {
        data: () => undefined,
        event: (event) => {
          if (event.event === 'terminals') list = event.list;
        },
        over: () => {
          clearTimeout(timer);
          resolve(list.map((text) => parseId('op', text)).filter((op) => op !== undefined));
        },
      },
    );
    const timer = setTimeout(() => link.close(), listWithinMs);
  });
}

/** Sends the request. Answers with the terminal, or with why there is none. */
async function begin(
  ground: Ground,
  request: Request,
  how: { readonly op: OpId; readonly keeps: boolean },
  signal: AbortSignal,
): Promise<Terminal | Problem> {
  if (signal.aborted) return fail('aborted', 'It was cancelled before it began.');
  if (ground.socket === undefined) return fail('sandbox-gone', 'The sandbox is not running.');
  const terminal = new OpenTerminal(ground, ground.socket, request, how);
  let giveUp: () => void = () => undefined;
  const givenUp = new Promise<undefined>((resolve) => (giveUp = () => resolve(undefined)));
  const onAbort = () => {
    // One that would be kept must not be left behind.
    if (request.kind === 'terminal') void terminal.kill();
    else terminal.destroy();
    giveUp();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  const refusal = await Promise.race([terminal.opened, givenUp]);
  signal.removeEventListener('abort', onAbort);
  signal.throwIfAborted();
  return refusal ?? terminal;
}

class OpenTerminal implements Terminal {
  readonly id: OpId;
  readonly read: AsyncIterable<Uint8Array>;
  readonly ended: Promise<TerminalEnd>;
  /** Resolves to undefined once it is open, or to why not. */
  readonly opened: Promise<Problem | undefined>;
  readonly #ground: Ground;
  readonly #keeps: boolean;
  readonly #queue: OutputQueue<{ readonly bytes: Uint8Array }>;
  readonly #link: Link;
  #settle: (end: TerminalEnd) => void = () => undefined;
  #settleOpened: (refusal: Problem | undefined) => void = () => undefined;
  #done = false;
  #killed: ((settled: Settled) => void) | undefined;

  constructor(ground: Ground, socket: string, request: Request, how: { op: OpId; keeps: boolean }) {
    this.id = how.op;
    this.#keeps = how.keeps;
    this.#ground = ground;
    this.ended = new Promise((resolve) => (this.#settle = resolve));
    this.opened = new Promise((resolve) => (this.#settleOpened = resolve));
    this.#queue = new OutputQueue({ pause: () => this.#link.pause(), resume: () => this.#link.resume() }, waiting);
    this.read = bytesOf(this.#queue);
    this.#link = openLink(socket, request, {
      data: (_fd, bytes) => this.#queue.push({ bytes }),
      event: (event) => this.#hear(event),
      over: (sent) => this.#lost(sent),
    });
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#done ? Promise.resolve() : this.#link.send(bytes);
  }

  end(): Promise<void> {
    if (!this.#done) this.#link.sendEnd();
    return Promise.resolve();
  }

  destroy(): void {
    this.#end({ kind: 'detached' });
  }

  resize(cols: number, rows: number): Promise<void> {
    if (!this.#done) this.#link.control({ do: 'resize', cols, rows });
    return Promise.resolve();
  }

  detach(): Promise<void> {
    this.destroy();
    return Promise.resolve();
  }

  kill(): Promise<Settled> {
    if (this.#done) return Promise.resolve({ kind: 'done' });
    return new Promise((resolve) => {
      const timer = setTimeout(() => void this.#putDown(resolve), killWithinMs);
      this.#killed = (settled) => {
        clearTimeout(timer);
        resolve(settled);
      };
      this.#queue.letFlow();
      this.#link.control({ do: 'abort' });
    });
  }

  async #putDown(answer: (settled: Settled) => void): Promise<void> {
    const verified = await this.#ground.putDown('its supervisor did not answer');
    if (verified) answer({ kind: 'done' });
    else answer({ kind: 'unknown', problem: problem('sandbox-lost', 'The sandbox does not answer.') });
  }

  #hear(event: SupervisorEvent): void {
    if (event.event === 'started') this.#settleOpened(undefined);
    else if (event.event === 'refused') this.#refused(event.message);
    else if (event.event === 'exited') this.#end({ kind: 'exited', code: event.code });
    else if (event.event === 'stopped') this.#stopped(event.killed);
  }

  #refused(message: string): void {
    this.#settleOpened(refused(message.replace(/[^\x20-\x7e]/g, '?').slice(0, 200)));
    this.#end({ kind: 'exited' });
  }

  #stopped(killed: 'tree' | 'group'): void {
    if (killed === 'group') {
      const why = problem('sandbox-lost', 'Something that the terminal started may still run.', {
        delivery: 'maybe-sent',
      });
      this.#killed?.({ kind: 'unknown', problem: why });
    }
    this.#end({ kind: 'exited' });
  }

  #lost(sent: boolean): void {
    const detail = 'The connection to the sandbox was lost while a terminal was opened.';
    const why = problem('sandbox-lost', detail, { delivery: 'maybe-sent' });
    this.#settleOpened(sent ? why : refused('The sandbox does not answer.'));
    this.#end(this.#ground.stoppedByUs() ? { kind: 'exited' } : { kind: 'lost', reattach: this.#keeps });
  }

  #end(end: TerminalEnd): void {
    if (this.#done) return;
    this.#done = true;
    this.#killed?.({ kind: 'done' });
    this.#queue.end();
    this.#settle(end);
    this.#settleOpened(refused('It was closed.'));
    this.#link.close();
  }
}

function refused(why: string): Problem {
  return problem('not-started', `No terminal could be opened: ${why}`);
}

async function* bytesOf(queue: AsyncIterable<{ readonly bytes: Uint8Array }>): AsyncGenerator<Uint8Array> {
  for await (const { bytes } of queue) yield bytes;
}
