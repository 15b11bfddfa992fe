import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { guestPath } from '../../src/core/paths.ts';
import { problem } from '../../src/core/problem.ts';
import type { Exec, ExecRequest, Outcome, Sandbox, Terminal } from '../../src/core/sandbox.ts';
import { uploadByExec } from '../../src/sandbox/bulk/index.ts';

/** Stands in for a sandbox until the built-in one can be started in unit tests: plain processes in a new folder. */
export function localSandbox(folder = mkdtempSync('/tmp/airlock-local-')): Sandbox {
  const root = guestPath(folder);
  const exec = (request: ExecRequest): Exec => run(request);
  const unsupported = () => Promise.reject(new Error('not here'));
  return {
    caps: {
      isolation: 'process',
      egress: 'open',
      reachesHostLoopback: true,
      abort: 'group',
      survivesReload: 'files',
      terminalReattach: false,
      maxPublished: 0,
      samePlatform: true,
      billed: false,
    },
    incarnation: 'one',
    state: () => ({ provider: 'local', version: 1, data: { folder } }),
    workspaceRoot: root,
    async *watch() {
      yield await Promise.resolve({ state: 'running' as const, incarnation: 'one' });
    },
    exec,
    attach: () => Promise.resolve('cannot-know'),
    openTerminal: (request) => {
      const quoted = (request.argv ?? ['sh']).map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
      return Promise.resolve(terminal(quoted, request.cwd, request.env ?? {}));
    },
    upload: (tar, deletions, options) => uploadByExec(exec, tar, deletions, options),
    download: unsupported,
    dial: (port) =>
      new Promise((resolve, reject) => {
        const socket = connect(port, '127.0.0.1');
        socket.once('error', reject);
        socket.once('connect', () =>
          resolve({
            read: socket,
            write: (bytes) => new Promise((done) => socket.write(bytes, () => done())),
            end: () => Promise.resolve(void socket.end()),
            destroy: () => socket.destroy(),
          }),
        );
      }),
    async *listeners() {
      yield await Promise.resolve([]);
    },
    start: () => Promise.resolve({ kind: 'done' }),
    stop: () => Promise.resolve({ kind: 'done' }),
    delete: () => {
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve({ kind: 'done' });
    },
    detach: () => Promise.resolve(),
  };
}

const base = { PATH: process.env['PATH'] ?? '', HOME: '/tmp', LANG: 'C.UTF-8' };

function run(request: ExecRequest): Exec {
  const argv =
    'argv' in request.run ? request.run.argv : ['sh', request.run.login === true ? '-lc' : '-c', request.run.shell];
  const [program = 'true', ...args] = argv;
  const env = { ...base, ...request.env };
  const child = spawn(program, args, { cwd: request.cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  const kill = (signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL') => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // It has ended.
    }
  };
  let stopped = false;
  const abort = () => {
    stopped = true;
    kill('SIGKILL');
  };
  request.signal?.addEventListener('abort', abort, { once: true });
  if (request.signal?.aborted === true) abort();
  void feed(child.stdin, request.stdin);
  const queue: { fd: 1 | 2; bytes: Uint8Array }[] = [];
  let wake = () => {};
  let ended = false;
  const put = (fd: 1 | 2) => (bytes: Uint8Array) => {
    queue.push({ fd, bytes });
    wake();
  };
  child.stdout.on('data', put(1));
  child.stderr.on('data', put(2));
  const outcome = new Promise<Outcome>((resolve) => {
    child.once('error', (error) => resolve({ kind: 'not-started', problem: problem('not-started', error.message) }));
    child.once('close', (code, signal) => {
      if (stopped) resolve({ kind: 'stopped', by: 'abort', killed: 'group' });
      else resolve(signal === null ? { kind: 'exited', code: code ?? 1 } : { kind: 'signaled', signal });
    });
  });
  void outcome.then(() => {
    ended = true;
    wake();
  });
  async function* output() {
    for (;;) {
      const next = queue.shift();
      if (next !== undefined) yield next;
      else if (ended) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  const interrupt = (signal: 'INT' | 'TERM' | 'KILL') => {
    kill(`SIG${signal}`);
    return Promise.resolve();
  };
  return { op: request.op, output: output(), interrupt, outcome };
}

async function feed(stdin: NodeJS.WritableStream, bytes: AsyncIterable<Uint8Array> | undefined): Promise<void> {
  stdin.on('error', () => {});
  if (bytes !== undefined) for await (const chunk of bytes) stdin.write(chunk);
  stdin.end();
}

function terminal(command: string, cwd: string, env: Readonly<Record<string, string>>): Terminal {
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    cwd,
    env: { ...base, TERM: 'xterm', ...env },
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = new Promise<{ kind: 'exited'; code: number }>((resolve) =>
    child.once('close', (code) => resolve({ kind: 'exited', code: code ?? 1 })),
  );
  return {
    read: child.stdout,
    write: (bytes) => new Promise((done) => child.stdin.write(bytes, () => done())),
    end: () => Promise.resolve(void child.stdin.end()),
    destroy: () => void child.kill('SIGKILL'),
    resize: () => Promise.resolve(),
    detach: () => Promise.resolve(),
    kill: async () => {
      child.kill('SIGTERM');
      await ended;
      return { kind: 'done' };
    },
    ended,
  };
}
