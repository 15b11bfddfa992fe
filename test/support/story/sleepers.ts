import { readdirSync, readFileSync } from 'node:fs';

/** A command that is recognised on this machine from outside its sandbox, by a number that no other run sleeps. */
export class Sleepers {
  readonly #seconds = `8${process.pid}`;

  /** Shell text that starts two sleeping processes and waits for one of them. */
  get command(): string {
    return `sleep ${this.#seconds} & sleep ${this.#seconds}`;
  }

  /** How many of them run. */
  running(): number {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return pids.filter((pid) => commandLine(pid).startsWith(`sleep\0${this.#seconds}`)).length;
  }
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
