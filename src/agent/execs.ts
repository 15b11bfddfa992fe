import { randomInt } from 'node:crypto';
import type { Outcome, Sandbox } from '../core/sandbox.ts';
import { mintId, type OpId } from '../shared/ids.ts';
import { type CommandRequest, type Running, startOnTerminal, startPiped } from './running.ts';
import { UnreadOutput } from './unread.ts';

/** Hears what happens to the model's commands. `intended` is awaited before a byte of the command leaves. */
export interface CommandWatcher {
  intended(op: OpId, command: string, cwd: string): Promise<void>;
  output(op: OpId, fd: 1 | 2, bytes: Uint8Array): void;
  ended(op: OpId, outcome: Outcome): void;
  /** It outlived its wait and goes on in the background. */
  yielded(op: OpId): void;
}

const silent: CommandWatcher = {
  intended: () => Promise.resolve(),
  output: () => undefined,
  ended: () => undefined,
  yielded: () => undefined,
};

/** Most commands that may run in the background at once; each holds buffers here and processes there. */
const mostCommands = 64;

/** One command of the model: it runs, its output waits to be read, and it ends in an outcome that is told. */
export class LiveCommand {
  readonly op: OpId;
  readonly tty: boolean;
  readonly unread = new UnreadOutput();
  /** Settles when the command has ended and all of its output was taken in. Never rejects. */
  readonly done: Promise<Outcome>;
  readonly #running: Running;
  #outcome: Outcome | undefined;

  constructor(op: OpId, tty: boolean, running: Running, watcher: CommandWatcher) {
    this.op = op;
    this.tty = tty;
    this.#running = running;
    this.done = this.#follow(watcher);
  }

  get outcome(): Outcome | undefined {
    return this.#outcome;
  }

  /** Types into it; Ctrl-C interrupts it where it is on no terminal. Throws where its standard input is closed. */
  async type(chars: string): Promise<void> {
    const { write } = this.#running;
    const text = this.tty ? chars : chars.replaceAll('\u0003', '');
    if (text !== chars) await this.#running.interrupt();
    if (text === '') return;
    if (write === undefined)
      throw new Error('the standard input of this command is closed; start it again with tty=true');
    await write(Buffer.from(text));
  }

  /** Ends it with all that it started, and says what was verified. */
  stop(): Promise<Outcome> {
    this.#running.stop();
    return this.done;
  }

  /** Waits until it ends or the time is over. When `signal` aborts, it is stopped and that is waited for. */
  async wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
    if (this.#outcome !== undefined) return;
    let timer: NodeJS.Timeout | undefined;
    let aborted: (() => void) | undefined;
    const time = new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)));
    const abort = new Promise<void>((resolve) => (aborted = resolve));
    const stop = () => void this.stop().then(aborted);
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted === true) stop();
    await Promise.race([this.done, abort, time]);
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
    if (signal?.aborted === true) await this.done;
  }

  async #follow(watcher: CommandWatcher): Promise<Outcome> {
    try {
      for await (const { fd, bytes } of this.#running.output) {
        this.unread.add(fd, bytes);
        watcher.output(this.op, fd, bytes);
      }
    } catch {
      // The outcome tells why the stream broke off.
    }
    const outcome = await this.#running.outcome;
    this.unread.end();
    this.#outcome = outcome;
    watcher.ended(this.op, outcome);
    return outcome;
  }
}

/** The commands of one sandbox that the model can come back to by number. */
export class CommandTable {
  readonly #commands = new Map<number, LiveCommand>();
  /** Starts anywhere, so that a number from before a restart is hardly ever taken for another command. */
  #next = randomInt(1000, 50_000);

  /** Starts a command; one that could not be started has ended so. Rejects when it cannot be announced or too many run. */
  async start(
    sandbox: Sandbox,
    request: Omit<CommandRequest, 'op'>,
    how: { tty: boolean; openInput: boolean; signal?: AbortSignal | undefined },
    watcher: CommandWatcher = silent,
  ): Promise<LiveCommand> {
    if (this.#commands.size >= mostCommands) this.#makeRoom();
    const op = mintId('op');
    await watcher.intended(op, request.command, request.cwd);
    const full = { ...request, op };
    const running = how.tty
      ? await startOnTerminal(sandbox, full, how.signal)
      : startPiped(sandbox, full, how.openInput);
    return new LiveCommand(op, how.tty, running, watcher);
  }

  /** Gives a command that goes on in the background a number. */
  keep(command: LiveCommand): number {
    const known = [...this.#commands].find(([, other]) => other === command)?.[0];
    if (known !== undefined) return known;
    this.#next += 1;
    this.#commands.set(this.#next, command);
    return this.#next;
  }

  get(id: number): LiveCommand | undefined {
    return this.#commands.get(id);
  }

  forget(id: number): void {
    this.#commands.delete(id);
  }

  /** Ends every command that still runs. */
  async stopAll(): Promise<void> {
    const all = [...this.#commands.values()];
    this.#commands.clear();
    await Promise.all(all.filter(({ outcome }) => outcome === undefined).map((command) => command.stop()));
  }

  #makeRoom(): void {
    const ended = [...this.#commands].find(([, command]) => command.outcome !== undefined);
    if (ended === undefined) throw new Error(`${mostCommands} commands run in the background already; end some first.`);
    this.#commands.delete(ended[0]);
  }
}
