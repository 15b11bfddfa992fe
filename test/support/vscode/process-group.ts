import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { processTable } from '../story/processTable.ts';

/** How long the last of a program's output may take to arrive after its end. */
const mostOutputMs = 5_000;
const live = new Set<ProcessGroup>();
process.once('exit', () => {
  for (const group of live) group.signal('SIGKILL');
});

/** How a program is started. */
export interface GroupOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly stdin?: 'ignore' | 'pipe';
}

/** A program with everything that it starts, in a process group of its own, so that all of it can be ended by one id. */
export class ProcessGroup {
  readonly pid: number;
  /** The program's exit code, once it has ended; 128 and the signal's number where one ended it. */
  readonly ended: Promise<number>;
  readonly #child: ChildProcess;
  #output = '';

  constructor(program: string, args: readonly string[], { stdin = 'ignore', ...options }: GroupOptions) {
    this.#child = spawn(program, [...args], { ...options, detached: true, stdio: [stdin, 'pipe', 'pipe'] });
    this.ended = this.#ending();
    if (this.#child.pid === undefined) throw new Error(`${program} cannot be started`);
    this.pid = this.#child.pid;
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (bytes: Buffer) => (this.#output += bytes.toString()));
    }
    live.add(this);
  }

  /** What it has started may hold its output open after it: then that is not waited for. */
  async #ending(): Promise<number> {
    return await new Promise((resolve) => {
      this.#child.once('error', () => resolve(127));
      this.#child.once('exit', (code, signal) => {
        const told = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
        this.#child.once('close', () => resolve(told));
        setTimeout(() => resolve(told), mostOutputMs).unref();
      });
    });
  }

  /** Everything that the program has printed. */
  get output(): string {
    return this.#output;
  }

  /**
   * Waits until the program has printed a text.
   *
   * @throws Error with what it printed, when it ended or took too long
   */
  async printed(text: string, timeoutMs = 120_000): Promise<void> {
    const end = Date.now() + timeoutMs;
    while (!this.#output.includes(text)) {
      const ended = this.#child.exitCode !== null || this.#child.signalCode !== null;
      if (ended || Date.now() > end) {
        throw new Error(`"${text}" did not appear${ended ? ', the program ended' : ''}:\n${this.#output}`);
      }
      await wait(50);
    }
  }

  /** Types into the program, where its input is a pipe. */
  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Ends the whole group: politely, after five seconds by force. Returns when none of it runs any more. */
  async end(): Promise<void> {
    this.signal('SIGTERM');
    const force = Date.now() + 5_000;
    while (this.#runs()) {
      if (Date.now() > force) this.signal('SIGKILL');
      await wait(50);
    }
    live.delete(this);
  }

  /** Zombies are left to whoever is to collect them: in a container that may be nobody. */
  #runs(): boolean {
    return [...processTable().values()].some(({ group }) => group === this.pid);
  }

  /** @returns whether the group had a process to be told */
  signal(signal: NodeJS.Signals | 0): boolean {
    try {
      process.kill(-this.pid, signal);
      return true;
    } catch {
      return false;
    }
  }
}
