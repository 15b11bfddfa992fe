import { setTimeout as sleep } from 'node:timers/promises';
import { AirlockError, fail, problem, problemOf, type Problem } from '../../../core/problem.ts';
import type { Settled, Terminal, TerminalEnd, TerminalRequest } from '../../../core/sandbox.ts';
import { OutputQueue } from '../../common/outputQueue.ts';
import { type Closed, Gateway, type GatewayParts } from '../channel/gateway.ts';
import { MarkReader, type Mark } from './marks.ts';

const readyWithinMs = 20_000;
/** Tries to come back to a terminal whose connection dropped, each after a longer pause. */
const returns = 5;
/** Somebody else took the terminal over: it is theirs. */
const takenOver = 4001;
/** Unread output of a terminal, at most: the connection cannot be held back. */
const mostUnread = 64 * 1024 * 1024;

export interface TerminalParts extends GatewayParts {
  readonly relay: readonly string[];
  readonly shell: string;
  /** Ends every process that carries the mark. True once verified. */
  endMarked(mark: string): Promise<boolean>;
  log(line: string): void;
}

/**
 * Opens a terminal inside. Throws `CallFailed`, `not-started`, `unreachable` or `aborted`. What may run all the same is
 * ended by its mark, and `maybe-sent` is said.
 */
export async function openTerminal(
  parts: TerminalParts,
  request: TerminalRequest,
  signal: AbortSignal,
): Promise<Terminal> {
  if (signal.aborted) return fail('aborted', 'It was cancelled before it began.');
  const terminal = new OpenTerminal(parts, request);
  const give = () => terminal.destroy();
  signal.addEventListener('abort', give, { once: true });
  const timer = setTimeout(give, readyWithinMs);
  try {
    await terminal.connect(signal);
    const refusal = await terminal.opened;
    if (refusal !== undefined) throw new AirlockError(refusal);
    signal.throwIfAborted();
    return terminal;
  } catch (error) {
    await terminal.abandon();
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', give);
  }
}

class OpenTerminal implements Terminal {
  readonly read: AsyncIterable<Uint8Array>;
  readonly ended: Promise<TerminalEnd>;
  /** Undefined once it is open, or why not. */
  readonly opened: Promise<Problem | undefined>;
  readonly #parts: TerminalParts;
  readonly #request: TerminalRequest;
  readonly #name = crypto.randomUUID();
  readonly #queue: OutputQueue<{ readonly bytes: Uint8Array }>;
  readonly #marks: MarkReader;
  readonly #over = new AbortController();
  #unread = 0;
  #size: readonly [number, number];
  #gateway: Gateway | undefined;
  #isUp = false;
  /** What to run has left, and it was not refused: it may run. */
  #mayRun = false;
  #settle: (end: TerminalEnd) => void = () => undefined;
  #settleOpened: (refusal: Problem | undefined) => void = () => undefined;

  constructor(parts: TerminalParts, request: TerminalRequest) {
    this.#parts = parts;
    this.#request = request;
    this.#size = [request.cols, request.rows];
    this.ended = new Promise((resolve) => (this.#settle = resolve));
    this.opened = new Promise((resolve) => (this.#settleOpened = resolve));
    this.#queue = new OutputQueue({ pause: () => undefined, resume: () => undefined });
    this.#marks = new MarkReader(
      this.#name,
      (bytes) => this.#show(bytes),
      (mark) => this.#heed(mark),
    );
    this.read = this.#read();
  }

  /** Where it can be come back to. */
  get id(): string {
    return this.#gateway?.terminal ?? '';
  }

  /** Connects and has the shell make way for what was asked for. */
  async connect(signal: AbortSignal): Promise<void> {
    const gateway = await Gateway.open(this.#parts, this.#events(), signal);
    this.#gateway = gateway;
    if (this.#over.signal.aborted) {
      gateway.detach();
      return;
    }
    gateway.resize(...this.#size);
    const program = `${this.#parts.relay.join(' ')} term ${this.#name}`;
    const line = ` exec sh -c 'stty raw -echo -iexten 2>/dev/null; exec ${program}'`;
    await gateway.send(Buffer.from(`${line}\r`));
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#gateway?.send(bytes) ?? Promise.resolve();
  }

  /** The end of typing: what Ctrl-D says. */
  end(): Promise<void> {
    return this.write(Uint8Array.of(4));
  }

  destroy(): void {
    this.#end({ kind: 'detached' });
  }

  resize(cols: number, rows: number): Promise<void> {
    this.#size = [cols, rows];
    this.#gateway?.resize(cols, rows);
    return Promise.resolve();
  }

  detach(): Promise<void> {
    this.destroy();
    return Promise.resolve();
  }

  /** Lets go of what did not open; it is ended where it may run all the same. */
  async abandon(): Promise<void> {
    this.destroy();
    if (this.#mayRun) await this.#endMarked().catch(() => false);
  }

  async kill(): Promise<Settled> {
    if (this.#over.signal.aborted) return { kind: 'done' };
    this.#queue.letFlow();
    try {
      const dead = await this.#endMarked();
      if (!dead) return notVerified('Something that the terminal started may still run.');
    } catch (error) {
      return { kind: 'unknown', problem: { ...problemOf(error, 'unreachable'), delivery: 'maybe-sent' } };
    }
    this.#end({ kind: 'exited' });
    return { kind: 'done' };
  }

  async #endMarked(): Promise<boolean> {
    return await this.#parts.endMarked(`AIRLOCK_TERMINAL=${this.#name}`);
  }

  #events() {
    return {
      bytes: (bytes: Uint8Array) => this.#marks.push(bytes),
      closed: (how: Closed) => void this.#closed(how),
    };
  }

  #show(bytes: Uint8Array): void {
    // What the shell printed before is none of what was asked for.
    if (!this.#isUp) return;
    if (!this.#queue.push({ bytes: Buffer.from(bytes) })) return;
    this.#unread += bytes.length;
    if (this.#unread > mostUnread) this.#end({ kind: 'lost', reattach: true });
  }

  #heed(mark: Mark): void {
    switch (mark.kind) {
      case 'ask':
        this.#mayRun = true;
        void this.#gateway?.send(this.#spec());
        break;
      case 'up':
        this.#isUp = true;
        this.#settleOpened(undefined);
        break;
      case 'refused':
        this.#mayRun = false;
        this.#settleOpened(problem('not-started', `No terminal could be opened: ${mark.why}.`));
        this.#end({ kind: 'exited' });
        break;
      case 'ended':
        this.#end(mark.code === undefined ? { kind: 'exited' } : { kind: 'exited', code: mark.code });
    }
  }

  #spec(): Uint8Array {
    const { argv, cwd, env } = this.#request;
    const variables = Object.entries(env ?? {}).map(([name, value]) => `${name}=${value}`);
    const [cols, rows] = this.#size.map(String);
    const fields = [rows, cols, cwd, String(variables.length), ...variables, ...(argv ?? [this.#parts.shell, '-l'])];
    return Buffer.from(`${Buffer.from(fields.join('\0')).toString('base64')}\n`);
  }

  async #closed({ clean, code }: Closed): Promise<void> {
    if (this.#over.signal.aborted) return;
    if (clean) this.#end({ kind: 'exited' });
    else if (code === takenOver || !this.#isUp) this.#end({ kind: 'lost', reattach: false });
    else if (!(await this.#comeBack())) this.#end({ kind: 'lost', reattach: false });
  }

  /** The shell outlives its connection: a new token leads back to it. */
  async #comeBack(): Promise<boolean> {
    const terminal = this.#gateway?.terminal;
    for (let at = 0; at < returns && !this.#over.signal.aborted; at += 1) {
      try {
        const gateway = await Gateway.open(this.#parts, this.#events(), this.#over.signal, terminal);
        this.#gateway = gateway;
        gateway.resize(...this.#size);
        this.#parts.log('celesto: came back to a terminal whose connection was lost');
        return true;
      } catch (error) {
        const why = problemOf(error, 'unreachable');
        if (['not-found', 'not-started', 'no-permission', 'sign-in-needed'].includes(why.id)) return false;
        await sleep(300 * 2 ** at, undefined, { signal: this.#over.signal }).catch(() => undefined);
      }
    }
    return this.#over.signal.aborted;
  }

  async *#read(): AsyncGenerator<Uint8Array> {
    for await (const { bytes } of this.#queue) {
      this.#unread -= bytes.length;
      yield bytes;
    }
  }

  #end(end: TerminalEnd): void {
    if (this.#over.signal.aborted) return;
    this.#marks.end();
    this.#over.abort();
    this.#queue.end();
    this.#settle(end);
    this.#settleOpened(this.#mayRun ? neverHeard() : problem('not-started', 'The terminal was closed.'));
    this.#gateway?.detach();
  }
}

function neverHeard(): Problem {
  return problem('sandbox-lost', 'The computer did not say whether the terminal was opened.', {
    delivery: 'maybe-sent',
  });
}

function notVerified(detail: string): Settled {
  return { kind: 'unknown', problem: problem('sandbox-lost', detail, { delivery: 'maybe-sent' }) };
}
