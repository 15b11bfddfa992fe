import { spawn, type ChildProcess } from 'node:child_process';
import { lstatSync, renameSync } from 'node:fs';
import type { Duplex, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KeeperConfig } from '../wire.ts';
import { look } from './processes.ts';

const readyWithinMs = 20_000;
const deadWithinMs = 5000;
const keepErrorBytes = 16 * 1024;

/** The one sandbox that a keeper holds. */
export class Held {
  readonly ended: Promise<void>;
  readonly #process: ChildProcess;
  /** Process id of the sandbox's first process as this machine counts: its death ends all in there. 0 where unknown. */
  readonly child: number;
  /** Start time of that process, since ids are used again. */
  readonly childStart: string;

  private constructor(process: ChildProcess, child: number, childStart: string, ended: Promise<void>) {
    this.#process = process;
    this.child = child;
    this.childStart = childStart;
    this.ended = ended;
  }

  /** Starts the sandbox and waits until its supervisor serves. Rejects with what the sandbox program said. */
  static async start(config: KeeperConfig): Promise<Held> {
    const started = launch(config);
    const { stdout, stderr } = started;
    const ended = new Promise<void>((resolve) => started.once('exit', () => resolve()));
    let said = '';
    stderr?.on('data', (bytes: Buffer) => (said = (said + bytes.toString()).slice(-keepErrorBytes)));
    const info = config.argsFd ? firstObject(stream(started, 5)) : Promise.resolve('');
    const ready = firstLine(stdout);
    const failed = new Promise<never>((_, reject) => {
      started.once('error', (error) => reject(error));
      started.once('exit', (code, signal) =>
        setTimeout(() => reject(new Error(said.trim() || `ended with ${String(signal ?? code)}`)), 20),
      );
      setTimeout(() => reject(new Error(said.trim() || 'was not ready in time')), readyWithinMs).unref();
    });
    failed.catch(() => undefined);
    try {
      const word = await Promise.race([ready, failed]);
      if (word !== 'READY') throw new Error('The supervisor did not say that it is ready.');
      const child = config.argsFd ? childPidIn(await info) : (started.pid ?? 0);
      moveSocket(config);
      const seen = look(child);
      return new Held(started, child, seen.kind === 'runs' ? seen.start : '', ended);
    } catch (error) {
      started.kill('SIGKILL');
      throw error;
    }
  }

  /** Ends everything inside. Answers true once the first process is verified to be gone. */
  async stop(): Promise<boolean> {
    this.#kill();
    await Promise.race([this.ended, sleep(deadWithinMs)]);
    const until = Date.now() + deadWithinMs;
    while (this.#lives() === true && Date.now() < until) await sleep(5);
    return this.#lives() === false;
  }

  #kill(): void {
    if (this.#lives() === true) process.kill(this.child, 'SIGKILL');
    this.#process.kill('SIGKILL');
  }

  /** Undefined where it cannot be told. */
  #lives(): boolean | undefined {
    if (this.child <= 0) return false;
    const seen = look(this.child);
    if (seen.kind === 'ended') return false;
    return seen.kind === 'unknown' || this.childStart === '' ? undefined : seen.start === this.childStart;
  }
}

function launch(config: KeeperConfig): ChildProcess {
  // The environment given here is readable inside as that of process 1.
  const { program, args, command, argsFd, env, uid, gid, mark } = config;
  const started = spawn(program, argsFd ? ['--args', '3', '--', ...command] : [...args, ...command], {
    env,
    cwd: '/',
    detached: !argsFd,
    argv0: mark,
    stdio: ['pipe', 'pipe', 'pipe', ...(argsFd ? (['pipe', 'pipe', 'pipe'] as const) : [])],
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  });
  for (const stream of started.stdio) stream?.on('error', () => undefined);
  if (!argsFd) return started;
  stream(started, 3).end(args.map((arg) => `${arg}\0`).join(''));
  stream(started, 4).end(Buffer.from(config.seccomp ?? '', 'base64'));
  return started;
}

/** Nothing but the supervisor has run yet, so what lies there is its socket; from now on no one inside can reach it. */
function moveSocket({ born, moved }: KeeperConfig): void {
  renameSync(born, moved);
  if (!lstatSync(moved).isSocket()) throw new Error('The supervisor left no socket.');
}

function childPidIn(info: string): number {
  const pid = Number(/"child-pid":\s*(\d+)/.exec(info)?.[1]);
  if (!Number.isInteger(pid) || pid <= 1) throw new Error('The sandbox did not tell its process id.');
  return pid;
}

function stream(started: ChildProcess, fd: number): Duplex {
  return (started.stdio as readonly unknown[])[fd] as Duplex;
}

function firstObject(source: Readable): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    source.on('data', (bytes: Buffer) => {
      text += bytes.toString();
      if (text.includes('}')) resolve(text);
    });
    source.once('close', () => resolve(text));
  });
}

function firstLine(stream: Readable | null): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    stream?.on('data', (bytes: Buffer) => {
      if (text.length < keepErrorBytes) text += bytes.toString();
      const end = text.indexOf('\n');
      if (end >= 0) resolve(text.slice(0, end));
    });
  });
}
