import { setTimeout as wait } from 'node:timers/promises';
import { publicPlace } from '../../../src/sandbox/process/place.ts';
import { keepers } from './leftovers.ts';
import { processTable, withDescendants, type Process } from './processTable.ts';

const politeMs = 3_000;
const longestMs = 15_000;

/**
 * Everything that this process, or another one with itself, has started, directly or not: an editor with its hosts, a browser, sandboxes that outlive
 * who made them. Whoever has started it ends it by process id, and can tell what is left.
 */
export class OwnProcesses {
  readonly #seen = new Map<string, Process>();
  readonly #root: number;
  #storage: string | undefined;

  /** @param root the process whose descendants these are */
  constructor(root: number = process.pid) {
    this.#root = root;
  }

  /** Folders outside of that storage in which the superuser's sandboxes keep their files. */
  get places(): readonly string[] {
    return this.#storage === undefined ? [] : [publicPlace(`${this.#storage}/process`)];
  }

  /** Sandboxes are looked up in an extension's global storage folder too: they belong to nobody once their window is gone. */
  watch(storage: string): void {
    this.#storage = storage;
  }

  /** Notes what runs now. Call it before something ends: what that had started is not found afterwards. */
  look(): readonly Process[] {
    const table = processTable();
    const sandboxes = this.#storage === undefined ? [] : keepers(this.#storage);
    const own = withDescendants([this.#root, ...sandboxes], table).filter(({ pid }) => pid !== process.pid);
    for (const row of own) this.#seen.set(nameOf(row), row);
    return own;
  }

  /** Those ever seen that still run. */
  left(): readonly number[] {
    const table = [...processTable().values()];
    return table.filter((row) => this.#seen.has(nameOf(row))).map(({ pid }) => pid);
  }

  /** Waits for all of it to end by itself; answers with what did not. */
  async gone(withinMs = longestMs): Promise<readonly number[]> {
    for (const end = Date.now() + withinMs; this.left().length > 0 && Date.now() < end;) await wait(100);
    return this.left();
  }

  /** Ends all of it, politely, then by force; answers with what could not be ended. */
  async end(): Promise<readonly number[]> {
    this.look();
    for (const pid of this.left()) send(pid, 'SIGTERM');
    const force = Date.now() + politeMs;
    const end = Date.now() + longestMs;
    for (;;) {
      this.look();
      const left = this.left();
      if (left.length === 0 || Date.now() > end) return left;
      if (Date.now() > force) for (const pid of left) send(pid, 'SIGKILL');
      await wait(100);
    }
  }
}

function nameOf({ pid, started }: Process): string {
  return `${pid} ${started}`;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended with its parent.
  }
}
