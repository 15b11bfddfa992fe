import { readdir, readFile, stat } from 'node:fs/promises';
import type { Machine } from '../../core/machine.ts';
import { ps, psAll, psOne, rowsByPs, seenByPs, type Seen } from './wire-ps.ts';

/** A process by the one name that is never used twice. */
export interface ProcessName {
  readonly pid: number;
  readonly start: string;
}

/** A process and which one started it. */
export interface ProcessRow extends ProcessName {
  readonly parent: number;
}

/** The processes of this machine. Undefined answers say that it could not be found out. */
export interface ProcessTable {
  look(pid: number): Promise<Seen>;
  all(): Promise<readonly ProcessRow[] | undefined>;
  /** Those of this user that were started with `argument` among their arguments. */
  startedWith(argument: string): Promise<readonly ProcessName[] | undefined>;
  /** Those of any user that were started with `name` in the place of their program's. */
  startedAs(name: string): Promise<readonly ProcessName[] | undefined>;
}

/** By /proc on Linux, by `ps` elsewhere. */
export function processTable(machine: Machine): ProcessTable {
  return machine.platform === 'linux' ? ofProc : ofPs(machine);
}

const ofProc: ProcessTable = {
  async look(pid) {
    const row = await procRow(pid);
    return row === undefined ? { kind: 'ended' } : { kind: 'runs', start: row.start };
  },

  async all() {
    const rows = await Promise.all((await processIds()).map(procRow));
    return rows.filter((row) => row !== undefined);
  },

  async startedWith(argument) {
    const own = process.getuid?.();
    const isOwn = async (pid: number) => (await stat(`/proc/${pid}`).catch(() => undefined))?.uid === own;
    return await procNames(async (words, pid) => words.includes(argument) && (await isOwn(pid)));
  },

  async startedAs(name) {
    return await procNames((words) => Promise.resolve(words[0] === name));
  },
};

async function procNames(
  isMeant: (words: readonly string[], pid: number) => Promise<boolean>,
): Promise<readonly ProcessName[]> {
  const found = (await processIds()).map(async (pid) => {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    const row = (await isMeant(words, pid)) ? await procRow(pid) : undefined;
    return row === undefined ? [] : [{ pid, start: row.start }];
  });
  return (await Promise.all(found)).flat();
}

/** The start is in clock ticks since boot. */
async function procRow(pid: number): Promise<ProcessRow | undefined> {
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

function ofPs(machine: Machine): ProcessTable {
  const run = async (args: readonly string[]) => {
    const { program, env, withinMs } = ps;
    const { code, stdout, stderr } = await machine.run({ program, args, env, cleanEnv: true, timeoutMs: withinMs });
    return { code, stdout: Buffer.from(stdout).toString(), stderr: Buffer.from(stderr).toString() };
  };
  const rows = async () => {
    const { code, stdout } = await run(psAll);
    return rowsByPs(code, stdout);
  };
  return {
    look: async (pid) => {
      const { code, stdout, stderr } = await run(psOne(pid));
      return seenByPs(code, stdout, stderr);
    },
    all: rows,
    startedWith: async (argument) => {
      const own = process.getuid?.();
      const found = await rows();
      return found?.filter(({ uid, command }) => uid === own && ` ${command} `.includes(` ${argument} `));
    },
    startedAs: async (name) => (await rows())?.filter(({ command }) => `${command} `.startsWith(`${name} `)),
  };
}
