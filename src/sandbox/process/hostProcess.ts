import { readdir, readFile, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Rounds in which a tree of processes that keeps growing is stopped, before that is admitted. */
const mostRounds = 200;

/** Start time of a process in clock ticks since boot; undefined once it has ended (a zombie has). */
export async function startTimeOf(pid: number): Promise<string | undefined> {
  return (await rowOf(pid))?.start;
}

/** A process by the one name that is never used twice. */
export interface ProcessName {
  readonly pid: number;
  readonly start: string;
}

export async function lives({ pid, start }: ProcessName): Promise<boolean> {
  return pid > 1 && start !== '' && (await startTimeOf(pid)) === start;
}

/** Kills a process if it is still the one that is meant, and waits for its end. Answers true once it is gone. */
export async function killVerified(name: ProcessName, withinMs = 5000): Promise<boolean> {
  const until = Date.now() + withinMs;
  while (await lives(name)) {
    if (Date.now() > until) return false;
    signal(name.pid, 'SIGKILL');
    await sleep(5);
  }
  return true;
}

/** Processes of this user that were started with `argument` among their arguments. */
export async function startedWith(argument: string): Promise<readonly ProcessName[]> {
  const own = process.getuid?.();
  const found = (await processIds()).map(async (pid) => {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    if (!words.includes(argument) || (await stat(`/proc/${pid}`).catch(() => undefined))?.uid !== own) return [];
    const start = await startTimeOf(pid);
    return start === undefined ? [] : [{ pid, start }];
  });
  return (await Promise.all(found)).flat();
}

/**
 * Ends a process with all below it. They are stopped first, from the top, so that none of them can start another that
 * is not seen. Answers true once all are gone.
 */
export async function endTree(root: ProcessName): Promise<boolean> {
  const stopped = new Map<number, ProcessName>();
  for (let round = 0; round < mostRounds && (await lives(root)); round += 1) {
    const fresh = (await withDescendants(root)).filter(({ pid, start }) => stopped.get(pid)?.start !== start);
    if (fresh.length === 0) break;
    for (const name of fresh) {
      stopped.set(name.pid, name);
      signal(name.pid, 'SIGSTOP');
    }
  }
  const ended = await Promise.all([...stopped.values()].map((name) => killVerified(name)));
  return ended.every(Boolean) && !(await lives(root));
}

interface Row extends ProcessName {
  readonly parent: number;
}

async function withDescendants(root: ProcessName): Promise<readonly ProcessName[]> {
  const rows = (await Promise.all((await processIds()).map(rowOf))).filter((row) => row !== undefined);
  const below = (pid: number): Row[] =>
    rows.filter(({ parent }) => parent === pid).flatMap((r) => [r, ...below(r.pid)]);
  return [root, ...below(root.pid)];
}

async function rowOf(pid: number): Promise<Row | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const [state, parent, ...others] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const start = others[17];
  return state === 'Z' || state === 'X' || start === undefined ? undefined : { pid, parent: Number(parent), start };
}

async function processIds(): Promise<number[]> {
  const names = await readdir('/proc').catch(() => []);
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}

function signal(pid: number, which: 'SIGSTOP' | 'SIGKILL'): void {
  try {
    process.kill(pid, which);
  } catch {
    // It ended in between, or is not ours; who looks again learns which.
  }
}
