/** How processes are told apart where there is no /proc: by `ps`, in words that keeper and provider read alike. */

/** What a process id stands for now. With the id, `start` is a name that is never used twice. */
export type Seen =
  | { readonly kind: 'runs'; readonly start: string }
  /** A process that has ended and is not waited for yet counts as such. */
  | { readonly kind: 'ended' }
  /** It could not be found out: neither life nor death is certain. */
  | { readonly kind: 'unknown' };

/** One row of the table of all processes. */
export interface PsRow {
  readonly pid: number;
  readonly parent: number;
  readonly uid: number;
  readonly start: string;
  /** Program and arguments, joined by blanks. */
  readonly command: string;
}

/** The program, and an environment in which its dates never change their form. */
export const ps = { program: '/bin/ps', env: { LC_ALL: 'C', TZ: 'UTC' }, withinMs: 5000 } as const;

/** Arguments for one process: its state and when it began. */
export function psOne(pid: number): string[] {
  return ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)];
}

/** Arguments for all processes. */
export const psAll = [
  '-A',
  '-ww',
  ...['pid', 'ppid', 'uid', 'stat', 'lstart', 'command'].flatMap((key) => ['-o', `${key}=`]),
];

const date = /\w{3} \w{3} +\d{1,2} \d\d:\d\d:\d\d \d{4}/.source;
const oneRow = new RegExp(`^\\s*(\\S+)\\s+(${date})\\s*$`);
const manyRows = new RegExp(`^\\s*(\\d+)\\s+(\\d+)\\s+(\\d+)\\s+(\\S+)\\s+(${date})(?: (.*))?$`);

/** Reads the answer to {@link psOne}: nothing and the code 1 say that there is no such process. */
export function seenByPs(code: number | undefined, stdout: string, stderr: string): Seen {
  const row = oneRow.exec(stdout);
  if (code === 0 && row !== null) {
    const [, state = '', start = ''] = row;
    return state.startsWith('Z') ? { kind: 'ended' } : { kind: 'runs', start };
  }
  return code === 1 && stdout.trim() === '' && stderr.trim() === '' ? { kind: 'ended' } : { kind: 'unknown' };
}

/** Reads the answer to {@link psAll}, without those that have ended; undefined where it cannot be read. */
export function rowsByPs(code: number | undefined, stdout: string): readonly PsRow[] | undefined {
  if (code !== 0) return undefined;
  const rows: PsRow[] = [];
  for (const line of stdout.split('\n').filter((text) => text.trim() !== '')) {
    const [, pid, parent, uid, state = '', start = '', command = ''] = manyRows.exec(line) ?? [];
    if (pid === undefined) return undefined;
    if (!state.startsWith('Z'))
      rows.push({ pid: Number(pid), parent: Number(parent), uid: Number(uid), start, command });
  }
  return rows;
}
