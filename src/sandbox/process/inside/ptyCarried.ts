import { spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { shell } from './environment.ts';
import { ptyProgram } from './ptyPython.ts';
import type { Opened, Pty, PtyParts, PtyRequest } from './pty.ts';
import { SizedInput } from './sizedInput.ts';

/** Ctrl-C, Ctrl-\\ and Ctrl-Z. */
const signalKeys = [0x03, 0x1c, 0x1a];
/** What is let through for one of them, and in all until the output flows again. */
const someBytes = 256 * 1024;
const mostSpare = 16 * someBytes;

/** Opens a terminal by a program of the system that holds one and copies between it and its own pipes. */
export async function carriedPty(argv: readonly string[], request: PtyRequest, parts: PtyParts): Promise<Opened> {
  const { cwd, env, op, rows, cols } = request;
  const named = join(parts.scratch, `tty-${op}`);
  const inner = `stty rows ${rows} cols ${cols}; tty > ${quote(named)}; exec ${argv.map(quote).join(' ')}`;
  for (const [program, args] of carriers(inner)) {
    const { value: child, mark } = parts.marks.marking(() =>
      spawn(program, args, { cwd, env: { ...env, SHELL: shell }, detached: true }),
    );
    if (child.pid !== undefined) return { pty: ptyOf(child, child.pid, named, env), mark };
    await new Promise((resolve) => child.once('error', resolve));
  }
  throw new Error('The sandbox has neither script nor python3 to open a terminal with.');
}

function carriers(inner: string): [string, string[]][] {
  const script =
    process.platform === 'darwin' ? ['-q', '/dev/null', '/bin/sh', '-c', inner] : ['-qefc', inner, '/dev/null'];
  return [
    ['script', script],
    ['python3', ['-c', ptyProgram, inner]],
  ];
}

function ptyOf(child: ChildProcess, pid: number, named: string, env: Readonly<Record<string, string>>): Pty {
  const { stdin, stdout, stderr } = child;
  for (const stream of [stdin, stdout, stderr]) stream?.on('error', () => undefined);
  child.on('error', () => undefined);
  child.once('exit', () => rmSync(named, { force: true }));
  const gate = new OutputGate(stdout);
  const input = new SizedInput(child, named, env);
  return {
    pid,
    write: (bytes) => {
      if (signalKeys.some((key) => bytes.includes(key))) gate.letSome();
      return input.write(bytes);
    },
    onceWritable: (go) => input.onceWritable(go),
    resize: (cols, rows) => input.resize(cols, rows),
    pause: () => gate.close(),
    resume: () => gate.open(),
    hangUp: () => void child.kill('SIGTERM'),
    onData: (take) => {
      stdout?.on('data', take);
      stderr?.on('data', take);
    },
    // Nobody but the carrier holds its pipes, so they close as soon as all was read.
    onExit: (take) => void child.once('close', (code) => take(code ?? 255)),
  };
}

/**
 * Holds a carrier's output back. A carrier that waits to write does not read either, so a key that means a signal would
 * wait behind all that is held back: for such a key a little more is let through, enough for the carrier to get to it.
 */
class OutputGate {
  readonly #output: Readable | null;
  #isClosed = false;
  #some = 0;
  #spare = mostSpare;

  constructor(output: Readable | null) {
    this.#output = output;
    output?.on('data', (bytes: Uint8Array) => {
      this.#some = Math.max(0, this.#some - bytes.length);
      if (this.#isClosed && this.#some === 0) output.pause();
    });
  }

  open(): void {
    this.#isClosed = false;
    this.#spare = mostSpare;
    this.#output?.resume();
  }

  close(): void {
    this.#isClosed = true;
    if (this.#some === 0) this.#output?.pause();
  }

  letSome(): void {
    if (!this.#isClosed || this.#spare === 0) return;
    this.#spare -= someBytes;
    this.#some += someBytes;
    this.#output?.resume();
  }
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
