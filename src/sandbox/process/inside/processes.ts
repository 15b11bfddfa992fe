import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** A row of the process table. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Clock ticks since boot. */
  readonly started: number;
}

/** All processes that have not ended, from /proc. Zombies have ended, but for one whose other threads go on. */
export function listProcesses(): ProcessRow[] {
  const rows: ProcessRow[] = [];
  if (!existsSync('/proc')) return rows;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const row = readProcess(Number(name));
    if (row !== undefined) rows.push(row);
  }
  return rows;
}

/** One row, or undefined once the process has ended. */
export function readProcess(pid: number): ProcessRow | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group, session] = fields;
  const threads = Number(fields[17]);
  if (state === 'X' || (state === 'Z' && threads <= 1)) return undefined;
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    started: Number(fields[19]),
  };
}

/** True when the process was started with `entry` in its environment and has not overwritten it. */
export function environmentHas(pid: number, entry: string): boolean {
  const own = environmentOf(`/proc/${pid}`);
  // A first thread that has ended tells nothing any more, the others do.
  const told = own.length > 0 ? [own] : threadsOf(pid).map(environmentOf);
  return told.some((entries) => entries.includes(entry));
}

function environmentOf(folder: string): readonly string[] {
  try {
    return readFileSync(`${folder}/environ`, 'utf8').split('\0').slice(0, -1);
  } catch {
    return [];
  }
}

function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`);
  } catch {
    return [];
  }
}
