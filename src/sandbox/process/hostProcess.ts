import { setTimeout as sleep } from 'node:timers/promises';
import type { Machine } from '../../core/machine.ts';
import { processTable, type ProcessName, type ProcessTable } from './processTable.ts';

/** Rounds in which a tree of processes that keeps growing is stopped, before that is admitted. */
const mostRounds = 200;

/** Tells of processes of this machine what is true, and ends them. Only what was seen to be gone counts as ended. */
export class HostProcesses {
  readonly #table: ProcessTable;

  constructor(machine: Machine) {
    this.#table = processTable(machine);
  }

  /** When a process began, in the system's own words; undefined once it has ended, or where that is not known. */
  async startTimeOf(pid: number): Promise<string | undefined> {
    const seen = await this.#table.look(pid);
    return seen.kind === 'runs' ? seen.start : undefined;
  }

  /** Undefined where it cannot be told: the table cannot be read, or the process was never named whole. */
  async lives({ pid, start }: ProcessName): Promise<boolean | undefined> {
    if (pid <= 1) return false;
    const seen = await this.#table.look(pid);
    if (seen.kind === 'ended') return false;
    return seen.kind === 'unknown' || start === '' ? undefined : seen.start === start;
  }

  /** Kills a process if it is still the one that is meant, and waits for its end. True once it was seen to be gone. */
  async killVerified(name: ProcessName, withinMs = 5000): Promise<boolean> {
    const until = Date.now() + withinMs;
    for (;;) {
      const alive = await this.lives(name);
      if (alive !== true) return alive === false;
      if (Date.now() > until) return false;
      signal(name.pid, 'SIGKILL');
      await sleep(5);
    }
  }

  /**
   * Ends all processes of this user that were started with `argument` among their arguments, with all below them. True
   * once all are gone.
   */
  async endStartedWith(argument: string): Promise<boolean> {
    return await this.#endAll(() => this.#table.startedWith(argument));
  }

  /** The same for those of any user that run under a name: the superuser's sandboxes are another user's. */
  async endStartedAs(name: string): Promise<boolean> {
    return await this.#endAll(() => this.#table.startedAs(name));
  }

  /**
   * One that dies while it is looked for may leave another behind that was not there when the look began. So all are gone
   * once two looks, one after the other, found none.
   */
  async #endAll(find: () => Promise<readonly ProcessName[] | undefined>): Promise<boolean> {
    for (let round = 0, empty = 0; round < mostRounds; round += 1) {
      const roots = await find();
      if (roots === undefined) return false;
      empty = roots.length === 0 ? empty + 1 : 0;
      if (empty === 2) return true;
      if (!(await Promise.all(roots.map((root) => this.#endTree(root)))).every(Boolean)) return false;
    }
    return false;
  }

  /**
   * Ends a process with all below it. They are stopped first, from the top, so that none of them can start another that
   * is not seen. Answers true once all are gone.
   */
  async #endTree(root: ProcessName): Promise<boolean> {
    const stopped = new Map<number, ProcessName>();
    for (let round = 0; round < mostRounds && (await this.lives(root)) === true; round += 1) {
      const tree = await this.#withDescendants(root);
      if (tree === undefined) return false;
      const fresh = tree.filter(({ pid, start }) => stopped.get(pid)?.start !== start);
      if (fresh.length === 0) break;
      for (const name of fresh) {
        stopped.set(name.pid, name);
        signal(name.pid, 'SIGSTOP');
      }
    }
    const ended = await Promise.all([...stopped.values()].map((name) => this.killVerified(name)));
    return ended.every(Boolean) && (await this.lives(root)) === false;
  }

  async #withDescendants(root: ProcessName): Promise<readonly ProcessName[] | undefined> {
    const rows = await this.#table.all();
    if (rows === undefined) return undefined;
    const below = (pid: number): ProcessName[] =>
      rows.filter(({ parent }) => parent === pid).flatMap((row) => [row, ...below(row.pid)]);
    return [root, ...below(root.pid)];
  }
}

function signal(pid: number, which: 'SIGSTOP' | 'SIGKILL'): void {
  try {
    process.kill(pid, which);
  } catch {
    // It ended in between, or is not ours; who looks again learns which.
  }
}
