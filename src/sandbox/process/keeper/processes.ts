import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { ps, psOne, seenByPs, type Seen } from '../wire-ps.ts';

/** What a process id stands for now: by /proc on Linux, by `ps` elsewhere. */
export function look(pid: number, platform: string = process.platform): Seen {
  if (platform === 'linux') {
    const start = startTimeOf(pid);
    return start === undefined ? { kind: 'ended' } : { kind: 'runs', start };
  }
  const { program, env, withinMs } = ps;
  const ran = spawnSync(program, psOne(pid), { env, timeout: withinMs, encoding: 'utf8' });
  return ran.error === undefined ? seenByPs(ran.status ?? undefined, ran.stdout, ran.stderr) : { kind: 'unknown' };
}

/** Clock ticks since boot at which a process began, on Linux; undefined once it has ended. */
export function startTimeOf(pid: number): string | undefined {
  const text = read(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

/** All processes below `pid`, itself left out. */
export function descendantsOf(pid: number): number[] {
  const found: number[] = [];
  const waiting = [pid];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const child of childrenOf(next)) {
      found.push(child);
      waiting.push(child);
    }
  }
  return found;
}

/** Bytes of memory that belong to a process alone. */
export function ownMemoryOf(pid: number, pageBytes = 4096): number {
  const [, resident = 0, shared = 0] = (read(`/proc/${pid}/statm`) ?? '').split(' ').map(Number);
  return Math.max(0, resident - shared) * pageBytes;
}

function childrenOf(pid: number): number[] {
  let threads: string[] = [];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    // It has ended.
  }
  return threads.flatMap((thread) =>
    (read(`/proc/${pid}/task/${thread}/children`) ?? '').split(' ').filter(Boolean).map(Number),
  );
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
