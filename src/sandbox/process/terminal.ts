import { fail, problem } from '../../core/problem.ts';
import type { Settled, Terminal, TerminalEnd, TerminalRequest } from '../../core/sandbox.ts';
import { mintId } from '../../shared/ids.ts';
import type { Ground } from './exec.ts';
import { openLink, type Link, type SupervisorEvent } from './link.ts';
import { OutputQueue } from '../common/outputQueue.ts';
import { protocolVersion } from './wire.ts';

const killWithinMs = 8000;

/** Opens a terminal inside. Throws `sandbox-gone`, `not-started` or `aborted`. */
export async function openTerminal(ground: Ground, request: TerminalRequest, signal: AbortSignal): Promise<Terminal> {
  if (signal.aborted) return fail('aborted', 'It was cancelled before it began.');
  if (ground.socket === undefined) return fail('sandbox-gone', 'The sandbox is not running.');
  const terminal = new OpenTerminal(ground, ground.socket, request);
  const onAbort = () => terminal.destroy();
  signal.addEventListener('abort', onAbort, { once: true });
  const refusal = await terminal.opened;
  signal.removeEventListener('abort', onAbort);
  signal.throwIfAborted();
  if (refusal !== undefined) return fail('not-started', refusal);
  return terminal;
}

class OpenTerminal implements Terminal {
  readonly read: AsyncIterable<Uint8Array>;
  readonly ended: Promise<TerminalEnd>;
  /** Resolves to undefined once it is open, or to a sentence on why not. */
  readonly opened: Promise<string | undefined>;
  readonly #ground: Ground;
  readonly #queue: OutputQueue<{ readonly bytes: Uint8Array }>;
  readonly #link: Link;
  #settle: (end: TerminalEnd) => void = () => undefined;
  #settleOpened: (refusal: string | undefined) => void = () => undefined;
  #done = false;
  #killed: ((settled: Settled) => void) | undefined;

  constructor(ground: Ground, socket: string, request: TerminalRequest) {
    this.#ground = ground;
    this.ended = new Promise((resolve) => (this.#settle = resolve));
    this.opened = new Promise((resolve) => (this.#settleOpened = resolve));
    this.#queue = new OutputQueue({ pause: () => this.#link.pause(), resume: () => this.#link.resume() });
    this.read = bytesOf(this.#queue);
    const { cwd, cols, rows, argv, env } = request;
    this.#link = openLink(
      socket,
      {
        v: protocolVersion,
        kind: 'terminal',
        op: mintId('op'),
        cwd,
        cols,
        rows,
        env: env ?? {},
        ...(argv === undefined ? {} : { argv }),
      },
      {
        data: (_fd, bytes) => this.#queue.push({ bytes }),
        event: (event) => this.#hear(event),
        over: () => this.#lost(),
      },
    );
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
    this.#settleOpened(`No terminal could be opened: ${message.replace(/[^\x20-\x7e]/g, '?').slice(0, 200)}`);
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

  #lost(): void {
    this.#settleOpened('The sandbox does not answer.');
    this.#end(this.#ground.stoppedByUs() ? { kind: 'exited' } : { kind: 'lost', reattach: false });
  }

  #end(end: TerminalEnd): void {
    if (this.#done) return;
    this.#done = true;
    this.#killed?.({ kind: 'done' });
    this.#queue.end();
    this.#settle(end);
    this.#settleOpened('The terminal was closed.');
    this.#link.close();
  }
}

async function* bytesOf(queue: AsyncIterable<{ readonly bytes: Uint8Array }>): AsyncGenerator<Uint8Array> {
  for await (const { bytes } of queue) yield bytes;
}
