import { spawn } from 'node:child_process';
import { closeSync, constants, existsSync, mkdirSync, openSync, readlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { listProcesses } from './processes.ts';

const { O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants;
const outputBatch = 48;
const refillBelow = 16;
const inputBatch = 9;

/** Both ends of a pipe: `theirs` goes to a command and blocks as programs expect, `ours` does not block. */
export interface PipeEnds {
  readonly ours: number;
  readonly theirs: number;
}

/**
 * Makes pipes for commands. Node's own are socket pairs, which `> /dev/stderr` and `tee /dev/stdout` cannot open.
 * Output goes through named pipes, made in batches ahead of time and unlinked once both ends are open. Input needs true
 * pipes: opening `/dev/stdin` again would wait for ever on a named one whose writer has finished.
 */
export class PipePool {
  readonly #folder: string;
  readonly #names: string[] = [];
  readonly #inputs: PipeEnds[] = [];
  #made = 0;
  #filling: Promise<void> | undefined;
  #fillingInputs: Promise<void> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** Makes one more batch of names. Rejects where no program can be started. */
  fill(): Promise<void> {
    this.#filling ??= this.#makeNames().finally(() => (this.#filling = undefined));
    return this.#filling;
  }

  /** Two pipes that a command writes to, and one that it reads from where `withInput`. */
  async take(withInput: boolean): Promise<{ out: PipeEnds; err: PipeEnds; input: PipeEnds | undefined }> {
    while (this.#names.length < 2) await this.fill();
    const [out, err] = [this.#output(), this.#output()];
    if (this.#names.length < refillBelow) this.fill().catch(() => undefined);
    return { out, err, input: withInput ? await this.#input() : undefined };
  }

  #output(): PipeEnds {
    const name = this.#names.shift() ?? '';
    const ours = openSync(name, O_RDONLY | O_NONBLOCK);
    const theirs = openSync(name, O_WRONLY);
    unlinkSync(name);
    return { ours, theirs };
  }

  async #input(): Promise<PipeEnds> {
    for (;;) {
      const ends = this.#inputs.shift();
      if (ends !== undefined) return ends;
      this.#fillingInputs ??= this.#makeInputs().finally(() => (this.#fillingInputs = undefined));
      await this.#fillingInputs;
    }
  }

  #makeNames(): Promise<void> {
    const names = Array.from({ length: outputBatch }, () => join(this.#folder, `p${++this.#made}`));
    return new Promise((resolve, reject) => {
      const child = spawn('mkfifo', ['-m', '600', ...names], { stdio: 'ignore' });
      child.once('error', reject);
      child.once('exit', (code) => {
        if (code === 0) this.#names.push(...names);
        if (code === 0) resolve();
        else reject(new Error('mkfifo failed'));
      });
    });
  }

  async #makeInputs(): Promise<void> {
    if (!existsSync('/proc/self/fd')) return this.#makeNamedInput();
    // A shell joins waiting children by pipes; both ends are opened through /proc, then the children may go.
    const stages = Array.from({ length: inputBatch }, () => 'w').join(' | ');
    const script = `exec 8>&1 9<&0; w() { echo r >&8; read -r _ <&9; }; ${stages}`;
    const shell = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'] });
    try {
      let waiting = inputBatch * 'r\n'.length;
      for await (const bytes of shell.stdout as AsyncIterable<Buffer>) {
        waiting -= bytes.length;
        if (waiting <= 0) break;
      }
      const stagePids = listProcesses().filter(({ parent }) => parent === shell.pid);
      const links = stagePids
        .map(({ pid }) => `/proc/${pid}/fd/1`)
        .filter((path) => readlinkSync(path).startsWith('pipe:'));
      for (const link of links) {
        this.#inputs.push({ theirs: openSync(link, O_RDONLY), ours: openSync(link, O_WRONLY | O_NONBLOCK) });
      }
      if (links.length === 0) throw new Error('No pipe could be made.');
    } finally {
      shell.on('error', () => undefined);
      shell.stdin.on('error', () => undefined);
      shell.stdin.end();
    }
  }

  /** Opened both ways for a moment, since a lone end would block or be refused. */
  async #makeNamedInput(): Promise<void> {
    while (this.#names.length < 1) await this.fill();
    const name = this.#names.shift() ?? '';
    const both = openSync(name, O_RDWR | O_NONBLOCK);
    const ends = { theirs: openSync(name, O_RDONLY), ours: openSync(name, O_WRONLY | O_NONBLOCK) };
    unlinkSync(name);
    closeSync(both);
    this.#inputs.push(ends);
  }
}
