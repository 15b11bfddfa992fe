import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { Child, Machine, Ran, SpawnRequest } from '../core/machine.ts';
import { AirlockError, problem } from '../core/problem.ts';
import { allowedEnvironment, programFolders } from './environment.ts';
import { asPipe, bytesOf, feed } from './streams.ts';

const defaultMaxOutput = 16 * 1024 * 1024;
/** How long a program that was asked to end may take before it is killed. */
const termGraceMs = 2000;
/** How long output may keep flowing after the end, when a grandchild holds the pipe. */
const drainGraceMs = 1000;

/** Choices for {@link thisMachine}. */
export interface MachineOptions {
  /** Folders whose programs are never found, such as the opened workspace. */
  readonly neverIn?: () => readonly string[];
}

/** The one door through which programs of this machine are started. */
export function thisMachine(options: MachineOptions = {}): Machine {
  const neverIn = options.neverIn ?? (() => []);
  return {
    platform: knownPlatform(),
    isRoot: process.getuid?.() === 0,
    run,
    start,
    find: (name) => find(name, neverIn()),
    runtime: {
      program: process.execPath,
      env: process.versions['electron'] === undefined ? {} : { ELECTRON_RUN_AS_NODE: '1' },
    },
  };
}

function knownPlatform(): Machine['platform'] {
  const { platform } = process;
  return platform === 'linux' || platform === 'darwin' || platform === 'win32' ? platform : 'other';
}

function launch(request: SpawnRequest): ChildProcess {
  const base = request.cleanEnv === true ? {} : allowedEnvironment(request.passEnv);
  const extra = request.fds ?? [];
  const stdio: StdioOptions = ['pipe', 'pipe', 'pipe', ...extra.map(() => 'pipe' as const)];
  const child = spawn(request.program, [...request.args], {
    env: { ...base, ...request.env },
    stdio,
    shell: false,
    windowsHide: true,
    detached: request.detached === true,
    ...(request.cwd === undefined ? {} : { cwd: request.cwd }),
    ...(request.uid === undefined ? {} : { uid: request.uid }),
    ...(request.gid === undefined ? {} : { gid: request.gid }),
  });
  extra.forEach((content, index) => {
    const stream = child.stdio[index + 3] as (Readable & Writable) | null | undefined;
    stream?.on('error', () => undefined);
    if (content !== 'pipe') stream?.end(content);
  });
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.on('error', () => undefined);
  return child;
}

async function start(request: SpawnRequest): Promise<Child> {
  const child = launchOrThrow(request);
  const exited = new Promise<{ code: number | undefined; signal: string | undefined }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code: code ?? undefined, signal: signal ?? undefined }));
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(cannotStart(request.program, error)));
  });
  child.on('error', () => undefined);
  const { stdin, stdout, stderr, pid } = child;
  if (stdin === null || stdout === null || stderr === null || pid === undefined) throw cannotStart(request.program);
  if (request.stdin !== undefined) void feed(stdin, request.stdin);
  if (request.detached === true) letGo(child);
  const pipes = new Map<number, AsyncIterable<Uint8Array>>();
  (request.fds ?? []).forEach((content, index) => {
    if (content === 'pipe') pipes.set(index + 3, bytesOf(child.stdio[index + 3] as Readable));
  });
  const stop = () => child.kill('SIGTERM');
  const timer = request.timeoutMs === undefined ? undefined : setTimeout(stop, request.timeoutMs);
  request.signal?.addEventListener('abort', stop, { once: true });
  if (request.signal?.aborted === true) stop();
  void exited.then(() => {
    clearTimeout(timer);
    request.signal?.removeEventListener('abort', stop);
  });
  return {
    pid,
    stdio: asPipe(stdout, stdin, () => child.kill('SIGTERM')),
    stderr: bytesOf(stderr),
    pipes,
    exited,
    kill: (signal) => void child.kill(signal),
  };
}

function launchOrThrow(request: SpawnRequest): ChildProcess {
  try {
    return launch(request);
  } catch (error) {
    throw cannotStart(request.program, error);
  }
}

/** This process may end while the program and its pipes stay. */
function letGo(child: ChildProcess): void {
  child.unref();
  for (const stream of child.stdio) {
    if (stream !== null && stream !== undefined && 'unref' in stream) (stream as { unref(): void }).unref();
  }
}

function cannotStart(program: string, cause?: unknown): AirlockError {
  const why = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return new AirlockError(problem('not-started', `${program} could not be started${why}.`), cause);
}

function run(request: SpawnRequest): Promise<Ran> {
  if (request.signal?.aborted === true) return Promise.resolve(endedEarly('abort'));
  return new Promise((resolve) => {
    let child: ChildProcess;
    try {
      child = launch(request);
    } catch (error) {
      resolve(endedEarly('spawn-error', error));
      return;
    }
    watchRun(child, request, resolve);
  });
}

function endedEarly(endedBy: NonNullable<Ran['endedBy']>, error?: unknown): Ran {
  const stderr = Buffer.from(error instanceof Error ? error.message : '');
  return { code: undefined, signal: undefined, stdout: new Uint8Array(), stderr, endedBy };
}

/** Gathers output, enforces the limits of `request` and answers once. */
function watchRun(child: ChildProcess, request: SpawnRequest, answer: (ran: Ran) => void): void {
  const limit = request.maxOutputBytes ?? defaultMaxOutput;
  const kept = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  const sizes = { stdout: 0, stderr: 0 };
  let endedBy: Ran['endedBy'];
  let killTimer: NodeJS.Timeout | undefined;
  const end = (why: NonNullable<Ran['endedBy']>) => {
    endedBy ??= why;
    child.kill('SIGTERM');
    killTimer ??= setTimeout(() => child.kill('SIGKILL'), termGraceMs);
  };
  const onAbort = () => end('abort');
  const timer = request.timeoutMs === undefined ? undefined : setTimeout(() => end('timeout'), request.timeoutMs);
  request.signal?.addEventListener('abort', onAbort, { once: true });

  const collect = (name: 'stdout' | 'stderr') => (chunk: Buffer) => {
    const room = limit - sizes[name];
    if (chunk.length > room) end('output-limit');
    if (room <= 0) return;
    sizes[name] += Math.min(chunk.length, room);
    kept[name].push(chunk.length > room ? chunk.subarray(0, room) : chunk);
  };
  child.stdout?.on('data', collect('stdout'));
  child.stderr?.on('data', collect('stderr'));
  if (child.stdin !== null) void feed(child.stdin, request.stdin ?? new Uint8Array());

  let answered = false;
  const finish = (ran: Pick<Ran, 'code' | 'signal'>, failure?: Error) => {
    if (answered) return;
    answered = true;
    clearTimeout(timer);
    clearTimeout(killTimer);
    request.signal?.removeEventListener('abort', onAbort);
    for (const stream of [child.stdout, child.stderr]) stream?.destroy();
    const stderr = failure === undefined ? Buffer.concat(kept.stderr) : Buffer.from(failure.message);
    const why = failure === undefined ? endedBy : 'spawn-error';
    answer({ ...ran, stdout: Buffer.concat(kept.stdout), stderr, ...(why === undefined ? {} : { endedBy: why }) });
  };
  child.once('error', (error) => {
    if (child.pid === undefined) finish({ code: undefined, signal: undefined }, error);
  });
  child.once('exit', (code, signal) => {
    const ran = { code: code ?? undefined, signal: signal ?? undefined };
    child.once('close', () => finish(ran));
    setTimeout(() => finish(ran), drainGraceMs).unref();
  });
}

/** Looks through PATH's absolute folders; what lies in `banned`, also by way of a link, is passed over. */
async function find(name: string, banned: readonly string[]): Promise<string | undefined> {
  if (name === '' || /[\\/\0]/.test(name)) return undefined;
  const shut = await Promise.all(banned.map((folder) => realpath(folder).catch(() => folder)));
  const isShut = (path: string) => shut.some((folder) => path === folder || path.startsWith(folder + sep));
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', ''] : [''];
  for (const folder of programFolders()) {
    for (const ending of endings) {
      const path = join(folder, name + ending);
      if (!isShut(path) && (await isProgram(path, isShut))) return path;
    }
  }
  return undefined;
}

async function isProgram(path: string, isShut: (real: string) => boolean): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile() && !isShut(await realpath(path));
  } catch {
    return false;
  }
}
