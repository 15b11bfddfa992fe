import { readFileSync, writeFileSync } from 'node:fs';
import { listProcesses } from './processes.ts';

const ownFilter = '/proc/self/coredump_filter';
const allBits = 0x1ff;

/**
 * Marks a command and all its descendants with a number that a cleared environment, a new session or a double fork do
 * not shed: the core dump filter, which children inherit and which has no other effect as core dumps are off. Only
 * a program that rewrites its own filter loses it.
 */
export class Marks {
  readonly #normal: number | undefined;
  #free: number[] = [];

  constructor() {
    this.#normal = readFilter('self');
    if (this.#normal === undefined) return;
    try {
      writeFilter(allBits);
      const most = readFilter('self') ?? 0;
      writeFilter(this.#normal);
      this.#free = this.#allBut(most, new Set());
      this.#most = most;
    } catch {
      this.#normal = undefined;
    }
  }

  #most = 0;

  /** Runs `start` so that the process it starts carries a fresh mark. Answers the mark, if marks work here. */
  marking<T>(start: () => T): { value: T; mark: number | undefined } {
    const mark = this.#take();
    if (mark === undefined) return { value: start(), mark };
    writeFilter(mark);
    try {
      return { value: start(), mark };
    } finally {
      writeFilter(this.#normal ?? 0);
    }
  }

  /** True when processes of other commands can be told apart by their mark. */
  get work(): boolean {
    return this.#normal !== undefined;
  }

  #take(): number | undefined {
    if (this.#normal === undefined) return undefined;
    if (this.#free.length === 0) {
      const used = new Set(listProcesses().map(({ pid }) => readFilter(String(pid)) ?? -1));
      this.#free = this.#allBut(this.#most, used);
    }
    return this.#free.shift();
  }

  #allBut(most: number, used: ReadonlySet<number>): number[] {
    const all = Array.from({ length: most + 1 }, (_, value) => value);
    return all.filter((value) => value !== this.#normal && !used.has(value));
  }
}

/** The mark that a process carries. */
export function readFilter(pid: string): number | undefined {
  try {
    const value = Number.parseInt(readFileSync(`/proc/${pid}/coredump_filter`, 'utf8'), 16);
    return Number.isNaN(value) ? undefined : value;
  } catch {
    return undefined;
  }
}

function writeFilter(value: number): void {
  writeFileSync(ownFilter, `0x${value.toString(16)}`);
}
