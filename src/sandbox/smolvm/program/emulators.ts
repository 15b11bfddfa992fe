import { readdir, readFile, readlink } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import type { Machine } from '../../../core/machine.ts';
import { namePattern } from './shapes.ts';

const endsWithinMs = 5000;
const pollMs = 100;

/** The process that a virtual machine runs in. */
export interface Emulator {
  readonly pid: number;
}

/**
 * The emulators of a virtual machine, told by their own command lines, which name its control socket or its description: the
 * program's records know nothing of one that was started by a command that was killed. Throws where this cannot be found out.
 */
export async function emulatorsOf(machine: Machine, name: string): Promise<readonly Emulator[]> {
  const named = await processesNaming(machine, name);
  return named.filter(({ line }) => emulator.test(line)).map(({ pid }) => ({ pid }));
}

/**
 * Whether a process belongs to that virtual machine, and is not another one that has got its number since. What starts
 * an emulator and waits for it belongs to it too.
 */
export async function belongsTo(machine: Machine, pid: number, name: string): Promise<boolean> {
  return (await processesNaming(machine, name)).some((one) => one.pid === pid);
}

/** Commands of the program that still create a virtual machine of that name: they outlive whoever started them. */
export async function creatorsOf(machine: Machine, name: string): Promise<readonly Emulator[]> {
  const lines = machine.platform === 'linux' ? await fromProc() : await fromPs(machine);
  return lines.filter(({ line }) => line.includes(` sandbox create --name ${name} `)).map(({ pid }) => ({ pid }));
}

async function processesNaming(machine: Machine, name: string): Promise<readonly Line[]> {
  const lines = machine.platform === 'linux' ? await fromProc() : await fromPs(machine);
  const libkrun = new RegExp(`/libkrun-${name}-[0-9a-f]{32}\\.json `);
  return lines.filter(
    ({ line }) => ['qmp', 'fc', 'vsock'].some((kind) => line.includes(`/${kind}-${name}.sock`)) || libkrun.test(line),
  );
}

/**
 * Names of virtual machines of which a process or a control socket is there, also one that its process has left behind.
 * Whose they are is not known.
 */
export async function leftNames(machine: Machine): Promise<readonly string[]> {
  const lines = machine.platform === 'linux' ? await fromProc() : await fromPs(machine);
  const sockets = await readdir('/tmp').catch((): string[] => []);
  const texts = [...lines.map(({ line }) => line), ...sockets.map((socket) => `/${socket}`)];
  const named = texts.flatMap((text) => [...text.matchAll(socketName)].map(([, name = '']) => name));
  return [...new Set(named)].filter((name) => namePattern.test(name));
}

/**
 * Ends the emulators of a virtual machine, politely, then by force.
 *
 * @returns whether none runs any more
 */
export async function endEmulators(machine: Machine, name: string): Promise<boolean> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    for (const { pid } of await emulatorsOf(machine, name)) send(pid, signal);
    for (const end = Date.now() + endsWithinMs; Date.now() < end;) {
      if ((await emulatorsOf(machine, name)).length === 0) return true;
      await wait(pollMs);
    }
  }
  return (await emulatorsOf(machine, name)).length === 0;
}

/** Whether a process with this number runs, whatever it is. One that has ended and was not collected yet does not. */
export async function runs(machine: Machine, pid: number): Promise<boolean> {
  const state = machine.platform === 'linux' ? await stateInProc(pid) : await stateByPs(machine, pid);
  return state !== undefined && !/^[ZX]/.test(state);
}

async function stateInProc(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The program's own name stands before it in brackets, and may hold brackets too.
  return text?.slice(text.lastIndexOf(')') + 2);
}

async function stateByPs(machine: Machine, pid: number): Promise<string | undefined> {
  const { code, stdout } = await ps(machine, ['-o', 'state=', '-p', String(pid)]);
  return code === 0 ? stdout.trim() : undefined;
}

/** The file that a virtual machine's console is written to, where the system tells it. */
export async function consoleOf({ pid }: Emulator): Promise<string | undefined> {
  const path = await readlink(`/proc/${pid}/fd/1`).catch(() => '');
  return path.startsWith('/') && path.endsWith('.log') ? path : undefined;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended, or is not ours to end: what is left is looked at afterwards.
  }
}

interface Line {
  readonly pid: number;
  /** The command line, its words parted by blanks. */
  readonly line: string;
}

const socketName = /\/(?:qmp|fc|vsock)-([a-z0-9_-]{1,64})\.sock/g;
/** libkrun runs in the program's own Python, which is given the virtual machine's description as a file. */
const emulator = /^(?:\S*\/)?(?:qemu-system-\S+|firecracker)(?= )|^\S+ -m \w+\.runtime\._libkrun_launcher /;

async function fromProc(): Promise<readonly Line[]> {
  const ids = (await readdir('/proc')).filter((id) => /^\d+$/.test(id));
  const lines = ids.map(async (id) => {
    const words = await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '');
    return { pid: Number(id), line: words.replaceAll('\0', ' ') };
  });
  return Promise.all(lines);
}

async function fromPs(machine: Machine): Promise<readonly Line[]> {
  const { code, stdout } = await ps(machine, ['-A', '-ww', '-o', 'pid=,command=']);
  if (code !== 0) throw new Error('The processes of this machine cannot be listed.');
  return stdout.split('\n').flatMap((row) => {
    const [, pid, line] = /^\s*(\d+)\s+(.*)$/.exec(row) ?? [];
    return pid === undefined || line === undefined ? [] : [{ pid: Number(pid), line: `${line} ` }];
  });
}

async function ps(machine: Machine, args: readonly string[]): Promise<{ code: number | undefined; stdout: string }> {
  const ran = await machine.run({ program: '/bin/ps', args, env: { LC_ALL: 'C' }, cleanEnv: true, timeoutMs: 5000 });
  return { code: ran.code, stdout: Buffer.from(ran.stdout).toString() };
}
