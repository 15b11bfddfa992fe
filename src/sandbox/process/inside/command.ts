import { spawn } from 'node:child_process';
import { closeSync, statSync } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { frame, type Control, type Event, type ExecLine } from '../wire.ts';
import { listen, refuse, sendData, tell } from './client.ts';
import { baseEnvironment, shellFor } from './environment.ts';
import type { Marks } from './marks.ts';
import { Output } from './output.ts';
import type { PipeEnds, PipePool } from './pipes.ts';
import { readProcess } from './processes.ts';
import { killTree, sendSignal, type Others, type Root } from './tree.ts';

/** How long a client may take to read the last output of a command that was stopped. */
const lastOutputMs = 300;

/** What a command needs from around it. */
export interface CommandParts {
  readonly pipes: PipePool;
  readonly marks: Marks;
  readonly others: () => Others;
}

/** One command: its processes, its output, its clients and how it ended. */
export class Command {
  readonly #request: ExecLine;
  readonly #parts: CommandParts;
  readonly #clients = new Set<Socket>();
  readonly #output: Output;
  #root: Root | undefined;
  #input: Socket | undefined;
  #how: Event | undefined;
  #stopping = false;
  #deadline: NodeJS.Timeout | undefined;

  constructor(request: ExecLine, parts: CommandParts) {
    this.#request = request;
    this.#parts = parts;
    this.#output = new Output((kind, bytes) => this.#spread(kind, bytes));
  }

  /** What its processes are known by. */
  get root(): Root | undefined {
    return this.#root;
  }

  /** It has ended, and how is known. */
  get ended(): boolean {
    return this.#how !== undefined;
  }

  get runs(): boolean {
    return this.#root !== undefined && this.#how === undefined;
  }

  get neverRan(): boolean {
    return this.#how?.event === 'refused';
  }

  /** Starts it for its first client. */
  async start(client: Socket, rest: Uint8Array): Promise<void> {
    const refusal = whyNot(this.#request);
    if (refusal !== undefined) {
      this.#refuse(client, refusal.code, refusal.message);
      return;
    }
    try {
      await this.#launch();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'EIO';
      this.#refuse(client, code, error instanceof Error ? error.message : String(error));
      return;
    }
    const { deadlineMs } = this.#request;
    if (deadlineMs !== undefined) this.#deadline = setTimeout(() => void this.#stop('deadline'), deadlineMs);
    this.#serve(client, rest);
    tell(client, { event: 'started' });
  }

  /** Adds a client: it gets what is kept of the output so far, then what follows. */
  join(client: Socket, rest: Uint8Array): void {
    tell(client, { event: 'started', missed: this.#output.missed });
    for (const { kind, bytes } of this.#output.kept()) sendData(client, kind, bytes);
    if (this.#how !== undefined) {
      tell(client, this.#how);
      client.end();
      return;
    }
    this.#serve(client, rest);
  }

  async #launch(): Promise<void> {
    const { run, cwd, env, op, stdin } = this.#request;
    const argv = 'argv' in run ? run.argv : shellFor(run.shell, run.login);
    const { pipes, marks } = this.#parts;
    const { out, err, input } = await pipes.take(stdin);
    const ends: PipeEnds[] = input === undefined ? [out, err] : [out, err, input];
    try {
      const tag = `AIRLOCK_OP=${op}`;
      const { value: child, mark } = marks.marking(() =>
        spawn(argv[0] ?? '', argv.slice(1), {
          cwd,
          env: { ...baseEnvironment(), ...env, AIRLOCK_OP: op },
          stdio: [input?.theirs ?? 'ignore', out.theirs, err.theirs],
          detached: true,
        }),
      );
      if (child.pid === undefined) throw await new Promise((resolve) => child.once('error', resolve));
      child.on('error', () => undefined);
      const started = readProcess(child.pid)?.started ?? 0;
      this.#root = { pid: child.pid, started, tag, mark };
      child.once('exit', (code, signal) => void this.#exited(code, signal));
      this.#output.read(frame.out, out.ours);
      this.#output.read(frame.err, err.ours);
      if (input !== undefined) this.#input = writableEnd(input.ours);
    } catch (error) {
      for (const { ours } of ends) closeSync(ours);
      throw error;
    } finally {
      for (const { theirs } of ends) closeSync(theirs);
    }
  }

  #serve(client: Socket, rest: Uint8Array): void {
    this.#clients.add(client);
    client.on('drain', () => this.#resume());
    listen(client, rest, {
      input: (bytes) => this.#takeInput(client, bytes),
      inputEnd: () => this.#input?.end(),
      control: (message) => this.#obey(message),
      gone: () => this.#left(client),
    });
  }

  #takeInput(client: Socket, bytes: Uint8Array): void {
    const input = this.#input;
    if (input === undefined || !input.writable || input.write(bytes)) return;
    client.pause();
    const resume = () => client.resume();
    input.once('drain', resume);
    input.once('close', resume);
  }

  #obey(message: Control): void {
    const { pid } = this.#root ?? {};
    if (pid === undefined || this.#how !== undefined) return;
    if (message.do === 'abort') void this.#stop('abort');
    else if (message.do === 'signal') sendSignal(-pid, `SIG${message.signal}`);
  }

  #left(client: Socket): void {
    this.#clients.delete(client);
    this.#resume();
    if (this.#clients.size === 0 && this.#request.onLinkLoss === 'kill') void this.#stop('abort');
  }

  async #stop(by: 'abort' | 'deadline'): Promise<void> {
    if (this.#stopping || this.#how !== undefined || this.#root === undefined) return;
    this.#stopping = true;
    const killed = await killTree(this.#root, this.#parts.others);
    await Promise.race([this.#output.drained(), sleep(lastOutputMs)]);
    this.#end({ event: 'stopped', by, killed });
  }

  async #exited(code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    if (!this.#stopping) await this.#output.drained();
    if (!this.#isStopping())
      this.#end(signal === null ? { event: 'exited', code: code ?? 0 } : { event: 'signaled', signal });
  }

  #isStopping(): boolean {
    return this.#stopping;
  }

  #end(how: Event): void {
    if (this.#how !== undefined) return;
    this.#how = how;
    clearTimeout(this.#deadline);
    this.#input?.destroy();
    this.#output.discard();
    for (const client of this.#clients) {
      tell(client, how);
      client.end();
    }
    this.#clients.clear();
  }

  #refuse(client: Socket, code: string, message: string): void {
    this.#how = { event: 'refused', code, message };
    refuse(client, code, message);
  }

  /** Goes on once the slowest client has room. */
  #resume(): void {
    if ([...this.#clients].every((client) => !client.writableNeedDrain)) this.#output.resume();
  }

  #spread(kind: number, bytes: Uint8Array): boolean {
    let room = true;
    for (const client of this.#clients) room = sendData(client, kind, bytes) && room;
    return room;
  }
}

function writableEnd(fd: number): Socket {
  const socket = new Socket({ fd, readable: false, writable: true });
  socket.on('error', () => undefined);
  return socket;
}

function whyNot({ cwd, run }: ExecLine): { code: string; message: string } | undefined {
  if ('argv' in run && (run.argv[0] ?? '') === '') return { code: 'EINVAL', message: 'No program is named.' };
  try {
    if (statSync(cwd).isDirectory()) return undefined;
  } catch {
    // Told below.
  }
  return { code: 'ENOENT', message: `There is no folder ${cwd}.` };
}
