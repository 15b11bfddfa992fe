import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Start time of a process in clock ticks since boot; undefined once it has ended (a zombie has). */
export async function startTimeOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
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
    try {
      process.kill(name.pid, 'SIGKILL');
    } catch {
      // It ended in between, or is not ours; the loop tells which.
    }
    await sleep(5);
  }
  return true;
}
