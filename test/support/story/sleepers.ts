import { readdirSync, readFileSync } from 'node:fs';

/** Those of this run so far. */
let count = 0;

/** A command that is recognised on this machine from outside its sandbox, by a number that nothing else sleeps. */
export class Sleepers {
  readonly #seconds = `8${process.pid}0${(count += 1)}`;

  /** Shell text that starts two sleeping processes and waits for one of them. */
  get command(): string {
    return `sleep ${this.#seconds} & sleep ${this.#seconds}`;
  }

  /** How many of them run. */
  running(): number {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return pids.filter((pid) => commandLine(pid).startsWith(`sleep\0${this.#seconds}\0`)).length;
  }
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
