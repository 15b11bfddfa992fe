import { spawn } from 'node:child_process';
import { closeSync, constants, mkdirSync, openSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';

const { O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants;
const batch = 48;
const refillBelow = 16;

/** Both ends of a pipe: `theirs` goes to a command and blocks as programs expect, `ours` does not block. */
export interface PipeEnds {
  readonly ours: number;
  readonly theirs: number;
}

/**
 * Makes pipes for commands. Node's own are socket pairs, which `> /dev/stderr` and `tee /dev/stdout` cannot open, so
 * these are named pipes, made in batches ahead of time and unlinked as soon as both ends are open.
 */
export class PipePool {
  readonly #folder: string;
  #names: string[] = [];
  #made = 0;
  #filling: Promise<void> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** Makes one more batch of names. Rejects where no program can be started. */
  fill(): Promise<void> {
    this.#filling ??= this.#make().finally(() => (this.#filling = undefined));
    return this.#filling;
  }

  /** Resolves once `count` pipes can be taken. */
  async ready(count: number): Promise<void> {
    while (this.#names.length < count) await this.fill();
    if (this.#names.length - count < refillBelow) this.fill().catch(() => undefined);
  }

  /** A pipe that a command writes to. */
  output(): PipeEnds {
    const name = this.#take();
    const ours = openSync(name, O_RDONLY | O_NONBLOCK);
    const theirs = openSync(name, O_WRONLY);
    unlinkSync(name);
    return { ours, theirs };
  }

  /** A pipe that a command reads from. Opened both ways for a moment, since a lone end would block or be refused. */
  input(): PipeEnds {
    const name = this.#take();
    const both = openSync(name, O_RDWR | O_NONBLOCK);
    const theirs = openSync(name, O_RDONLY);
    const ours = openSync(name, O_WRONLY | O_NONBLOCK);
    closeSync(both);
    unlinkSync(name);
    return { ours, theirs };
  }

  #take(): string {
    const name = this.#names.shift();
    if (name === undefined) throw new Error('No pipe is ready.');
    return name;
  }

  #make(): Promise<void> {
    const names = Array.from({ length: batch }, () => join(this.#folder, `p${++this.#made}`));
    return new Promise((resolve, reject) => {
      const child = spawn('mkfifo', ['-m', '600', ...names], { stdio: 'ignore' });
      child.once('error', reject);
      child.once('exit', (code) => {
        if (code !== 0) {
          reject(new Error('mkfifo failed'));
          return;
        }
        this.#names.push(...names);
        resolve();
      });
    });
  }
}
