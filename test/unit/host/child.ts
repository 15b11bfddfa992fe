import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A test program of `programs/` that runs as a process of its own and speaks in lines. */
export interface Program {
  readonly child: ChildProcess;
  /** The next line that it prints; rejects when it ends without one. */
  line(): Promise<string>;
  say(line: string): void;
  readonly ended: Promise<string | number>;
}

/** Starts a test program; its standard error goes to ours. */
export function startProgram(name: string, ...args: readonly string[]): Program {
  const path = join(import.meta.dirname, 'programs', name);
  const child = spawn(process.execPath, [path, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<string | number>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? code ?? 'unknown'));
  });
  return {
    child,
    ended,
    line: async () => {
      const next = await lines.next();
      if (next.done === true) throw new Error(`${name} ended without another line.`);
      return next.value;
    },
    say: (line) => void child.stdin.write(`${line}\n`),
  };
}
