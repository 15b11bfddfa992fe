import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { shell } from './environment.ts';

/** A pseudo-terminal with a program in it. */
export interface Pty {
  readonly pid: number;
  write(bytes: Uint8Array): void;
  resize(cols: number, rows: number): void;
  pause(): void;
  resume(): void;
  /** The person has gone: what a closed terminal window does. */
  hangUp(): void;
  onData(take: (bytes: Uint8Array) => void): void;
  onExit(take: (code: number) => void): void;
}

/** What to open. */
export interface PtyRequest {
  readonly op: string;
  readonly argv?: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cols: number;
  readonly rows: number;
}

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

const afterExitMs = 50;

/**
 * Opens a terminal by the editor's native module where it was bound and loads, else by the system's `script`, else by
 * Python. Rejects where none of them can be had.
 */
export async function openPty(request: PtyRequest, parts: { scratch: string; nodePty?: string }): Promise<Pty> {
  const argv = request.argv ?? [shell, '-l'];
  const native = parts.nodePty === undefined ? undefined : nativePty(parts.nodePty, argv, request);
  if (native !== undefined) return native;
  const named = join(parts.scratch, `tty-${request.op}`);
  const inner = `tty > ${quote(named)}; stty rows ${request.rows} cols ${request.cols}; exec ${argv.map(quote).join(' ')}`;
  for (const [program, args] of carriers(inner)) {
    const child = spawn(program, args, { cwd: request.cwd, env: { ...request.env, SHELL: shell }, detached: true });
    if (child.pid !== undefined) return carriedPty(child, child.pid, named, request.env);
    await new Promise((resolve) => child.once('error', resolve));
  }
  throw new Error('The sandbox has neither script nor python3 to open a terminal with.');
}

function carriers(inner: string): [string, string[]][] {
  const python =
    'import os,pty,sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(["/bin/sh","-c",sys.argv[1]])) % 256)';
  const script =
    process.platform === 'darwin' ? ['-q', '/dev/null', '/bin/sh', '-c', inner] : ['-qefc', inner, '/dev/null'];
  return [
    ['script', script],
    ['python3', ['-c', python, inner]],
  ];
}

function carriedPty(child: ChildProcess, pid: number, named: string, env: Readonly<Record<string, string>>): Pty {
  const { stdin, stdout, stderr } = child;
  for (const stream of [stdin, stdout, stderr]) stream?.on('error', () => undefined);
  child.on('error', () => undefined);
  let exited = false;
  child.once('exit', () => {
    exited = true;
    rmSync(named, { force: true });
  });
  return {
    pid,
    write: (bytes) => void stdin?.write(bytes),
    resize: (cols, rows) => {
      const tty = ttyName(named);
      if (tty === undefined || exited) return;
      const flag = process.platform === 'darwin' ? '-f' : '-F';
      const sized = spawn('stty', [flag, tty, 'rows', String(rows), 'cols', String(cols)], { env, stdio: 'ignore' });
      sized.on('error', () => undefined);
    },
    pause: () => void stdout?.pause(),
    resume: () => void stdout?.resume(),
    hangUp: () => void child.kill('SIGTERM'),
    onData: (take) => {
      stdout?.on('data', take);
      stderr?.on('data', take);
    },
    onExit: (take) => {
      child.once('exit', (code) => {
        const done = () => take(code ?? 255);
        const timer = setTimeout(done, afterExitMs);
        child.once('close', () => {
          clearTimeout(timer);
          done();
        });
      });
    },
  };
}

/** The name was written inside the terminal: it is believed only when it looks like one. */
function ttyName(named: string): string | undefined {
  if (!existsSync(named)) return undefined;
  return /^\/dev\/(pts\/\d+|ttys\d+)$/m.exec(readFileSync(named, 'utf8').slice(0, 64))?.[0];
}

function nativePty(folder: string, argv: readonly string[], request: PtyRequest): Pty | undefined {
  try {
    const load = createRequire(join(folder, 'package.json'));
    const { cwd, env, cols, rows } = request;
    const options = { cwd, env, cols, rows, name: 'xterm-256color', encoding: null };
    const terminal = (load(folder) as NodePty).spawn(argv[0] ?? shell, argv.slice(1), options);
    return {
      pid: terminal.pid,
      write: (bytes) => terminal.write(Buffer.from(bytes)),
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

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
