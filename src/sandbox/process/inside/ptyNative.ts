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

/** Opens a terminal by the editor's own module in `folder`; undefined where it does not load or cannot. */
export function nativePty(folder: string, argv: readonly string[], request: PtyRequest): Pty | undefined {
  try {
    const load = createRequire(join(folder, 'package.json'));
    const { cwd, env, cols, rows } = request;
    const options = { cwd, env, cols, rows, name: 'xterm-256color', encoding: null };
    const terminal = (load(folder) as NodePty).spawn(argv[0] ?? '', argv.slice(1), options);
    return {
      pid: terminal.pid,
      // It queues by itself what the terminal does not take at once.
      write: (bytes) => {
        terminal.write(Buffer.from(bytes));
        return true;
      },
      onceWritable: (go) => go(),
      resize: (cols, rows) => terminal.resize(cols, rows),
      pause: () => terminal.pause(),
      resume: () => terminal.resume(),
      hangUp: () => terminal.kill('SIGHUP'),
      onData: (take) => terminal.onData((bytes) => take(Buffer.from(bytes))),
      onExit: (take) => terminal.onExit(({ exitCode, signal }) => take(signal ? 128 + signal : exitCode)),
    };
  } catch {
    return undefined;
  }
}
