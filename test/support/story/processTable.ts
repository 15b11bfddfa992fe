import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** A process by the one name that is never used twice, and who started it. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** Its process group. */
  readonly group: number;
  /** When it was started, in whatever form this system tells it. */
  readonly started: string;
}

export type ProcessTable = ReadonlyMap<number, Process>;

/** Everything that runs on this machine now. What has ended and was not collected yet is left out. */
export function processTable(): ProcessTable {
  const rows = process.platform === 'linux' ? fromProc() : fromPs(askPs());
  return new Map(rows.map((row) => [row.pid, row]));
}

/** The given processes that run, with everything below them. */
export function withDescendants(pids: Iterable<number>, table: ProcessTable): Process[] {
  const found = new Map<number, Process>();
  const add = (row: Process | undefined): void => {
    if (row === undefined || found.has(row.pid)) return;
    found.set(row.pid, row);
    for (const other of table.values()) if (other.parent === row.pid) add(other);
  };
  for (const pid of pids) add(table.get(pid));
  return [...found.values()];
}

function fromProc(): Process[] {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return ids.flatMap((id) => {
    const text = textOf(`/proc/${id}/stat`);
    // A program's own name may hold anything, also blanks and brackets.
    const [state = 'Z', parent, group, ...others] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const started = others[16];
    if ('ZX'.includes(state) || started === undefined) return [];
    return [{ pid: Number(id), parent: Number(parent), group: Number(group), started }];
  });
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It ended in between.
    return '';
  }
}

const psColumns = ['-A', '-o', 'pid=,ppid=,pgid=,state=,lstart='];

function askPs(): string {
  const { status, stdout } = spawnSync('ps', psColumns, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
  if (status !== 0) throw new Error('ps does not tell which processes run.');
  return stdout;
}

/** Reads the rows `pid ppid pgid state start` that ps prints, on Linux and macOS alike. */
export function fromPs(text: string): Process[] {
  return text.split('\n').flatMap((line) => {
    const [, pid, parent, group, state, started] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line) ?? [];
    if (pid === undefined || state === undefined || started === undefined || state.startsWith('Z')) return [];
    return [{ pid: Number(pid), parent: Number(parent), group: Number(group), started }];
  });
}
