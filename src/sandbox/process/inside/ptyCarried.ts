import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { shell } from './environment.ts';
import type { Opened, Pty, PtyParts, PtyRequest } from './pty.ts';

/** Opens a terminal by a program of the system that holds one and copies between it and its own pipes. */
export async function carriedPty(argv: readonly string[], request: PtyRequest, parts: PtyParts): Promise<Opened> {
  const { cwd, env, op, rows, cols } = request;
  const named = join(parts.scratch, `tty-${op}`);
  const inner = `tty > ${quote(named)}; stty rows ${rows} cols ${cols}; exec ${argv.map(quote).join(' ')}`;
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
  const python =
    'import os,pty,sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(["/bin/sh","-c",sys.argv[1]])) % 256)';
  const script =
    process.platform === 'darwin' ? ['-q', '/dev/null', '/bin/sh', '-c', inner] : ['-qefc', inner, '/dev/null'];
  return [
    ['script', script],
    ['python3', ['-c', python, inner]],
  ];
}

function ptyOf(child: ChildProcess, pid: number, named: string, env: Readonly<Record<string, string>>): Pty {
  const { stdin, stdout, stderr } = child;
  for (const stream of [stdin, stdout, stderr]) stream?.on('error', () => undefined);
  child.on('error', () => undefined);
  child.once('exit', () => rmSync(named, { force: true }));
  return {
    pid,
    write: (bytes) => stdin === null || !stdin.writable || stdin.write(bytes),
    onceWritable: (go) => {
      stdin?.once('drain', go);
      stdin?.once('close', go);
    },
    resize: (cols, rows) => {
      const tty = ttyName(named);
      if (tty === undefined) return;
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
    // Nobody but the carrier holds its pipes, so they close as soon as all was read.
    onExit: (take) => void child.once('close', (code) => take(code ?? 255)),
  };
}

/** The name was written inside the terminal: it is believed only when it looks like one. */
function ttyName(named: string): string | undefined {
  if (!existsSync(named)) return undefined;
  return /^\/dev\/(pts\/\d+|ttys\d+)$/m.exec(readFileSync(named, 'utf8').slice(0, 64))?.[0];
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
