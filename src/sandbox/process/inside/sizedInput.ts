import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

const lookEveryMs = 20;

/**
 * What is typed into a carrier, and the size of the terminal behind it, in the order in which they came: input that
 * follows a new size waits until that is set, so that what reads it finds the size that its writer saw.
 */
export class SizedInput {
  readonly #carrier: ChildProcess;
  readonly #named: string;
  readonly #env: Readonly<Record<string, string>>;
  #waiting: Uint8Array[] = [];
  #once: (() => void)[] = [];
  #sizes = 0;
  #sized: Promise<void> = Promise.resolve();

  /** @param named the file that holds the terminal's name once that has its first size */
  constructor(carrier: ChildProcess, named: string, env: Readonly<Record<string, string>>) {
    this.#carrier = carrier;
    this.#named = named;
    this.#env = env;
  }

  /** False where no more should come now; see {@link onceWritable}. */
  write(bytes: Uint8Array): boolean {
    if (this.#sizes > 0) {
      this.#waiting.push(bytes);
      return false;
    }
    const { stdin } = this.#carrier;
    return stdin === null || !stdin.writable || stdin.write(bytes);
  }

  onceWritable(go: () => void): void {
    if (this.#sizes > 0) {
      this.#once.push(go);
      return;
    }
    const { stdin } = this.#carrier;
    if (stdin === null || !stdin.writableNeedDrain) {
      go();
      return;
    }
    stdin.once('drain', go);
    stdin.once('close', go);
  }

  resize(cols: number, rows: number): void {
    this.#sizes += 1;
    this.#sized = this.#sized.then(() => this.#set(cols, rows)).then(() => this.#go());
  }

  #go(): void {
    this.#sizes -= 1;
    if (this.#sizes > 0) return;
    for (const bytes of this.#waiting.splice(0)) this.write(bytes);
    for (const go of this.#once.splice(0)) this.onceWritable(go);
  }

  async #set(cols: number, rows: number): Promise<void> {
    const tty = await this.#name();
    if (tty === undefined) return;
    const flag = process.platform === 'darwin' ? '-f' : '-F';
    const args = [flag, tty, 'rows', String(rows), 'cols', String(cols)];
    const sizing = spawn('stty', args, { env: this.#env, stdio: 'ignore' });
    await once(sizing, 'close').catch(() => undefined);
  }

  /** Undefined once the carrier has ended. The name was written inside: it is believed only when it looks like one. */
  async #name(): Promise<string | undefined> {
    while (this.#carrier.exitCode === null && this.#carrier.signalCode === null) {
      const name = existsSync(this.#named) ? readFileSync(this.#named, 'utf8').slice(0, 64) : '';
      if (name.includes('\n')) return /^\/dev\/(pts\/\d+|ttys\d+)$/m.exec(name)?.[0];
      await wait(lookEveryMs);
    }
    return undefined;
  }
}
