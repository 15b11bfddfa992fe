import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Pty, PtyRequest } from './pty.ts';

/** The part of node-pty that is used. */
interface NodePty {
  spawn(file: string, args: readonly string[], options: Record<string, unknown>): NodePtyProcess;
}
interface NodePtyProcess {
  readonly pid: number;
  write(bytes: Buffer): void;
  resize(cols: number, rows: number): void;
  pause(): void;
  resume(): void;
  kill(signal?: string): void;
  onData(take: (bytes: Buffer | string) => void): void;
  onExit(take: (end: { exitCode: number; signal?: number }) => void): void;
}

/** The module lets go of a terminal 200 ms after its program has ended (`DESTROY_SOCKET_TIMEOUT_MS` in its source). */
const lookEveryMs = 20;

/**
 * Holds a terminal back while its readers are slow. Once its program has ended it is read on all the same: what is left
 * is no more than the kernel holds of a terminal (64 KiB), and the module would drop it.
 */
class HeldBack {
  readonly #terminal: NodePtyProcess;
  #watch: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(terminal: NodePtyProcess) {
    this.#terminal = terminal;
    terminal.onExit(() => this.#release());
  }

  pause(): void {
    if (this.#ended || this.#watch !== undefined) return;
    this.#terminal.pause();
    this.#watch = setInterval(() => {
      if (!isAlive(this.#terminal.pid)) this.#release();
    }, lookEveryMs);
  }

  resume(): void {
    clearInterval(this.#watch);
    this.#watch = undefined;
    this.#terminal.resume();
  }

  #release(): void {
    this.#ended = true;
    this.resume();
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Opens a terminal by the editor's own module in `folder`; undefined where it does not load or cannot. */
export function nativePty(folder: string, argv: readonly string[], request: PtyRequest): Pty | undefined {
  try {
    const load = createRequire(join(folder, 'package.json'));
    const { cwd, env, cols, rows } = request;
    const options = { cwd, env, cols, rows, name: 'xterm-256color', encoding: null };
    const terminal = (load(folder) as NodePty).spawn(argv[0] ?? '', argv.slice(1), options);
    const held = new HeldBack(terminal);
    return {
      pid: terminal.pid,
      // It queues by itself what the terminal does not take at once.
      write: (bytes) => {
        terminal.write(Buffer.from(bytes));
        return true;
      },
      onceWritable: (go) => go(),
      resize: (cols, rows) => terminal.resize(cols, rows),
      pause: () => held.pause(),
      resume: () => held.resume(),
      hangUp: () => terminal.kill('SIGHUP'),
      onData: (take) => terminal.onData((bytes) => take(Buffer.from(bytes))),
      onExit: (take) => terminal.onExit(({ exitCode, signal }) => take(signal ? 128 + signal : exitCode)),
    };
  } catch {
    return undefined;
  }
}
