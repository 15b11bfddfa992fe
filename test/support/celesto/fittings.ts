import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine, SpawnRequest } from '../../../src/core/machine.ts';
import type { KeeperConfig } from '../../../src/sandbox/process/wire.ts';
import type { Knobs } from './knobs.ts';

/** Which of this machine's programs a computer has. */
export type Fittings = Pick<Knobs, 'lacks' | 'tools'>;

const programFolders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin'];

/**
 * A machine whose built-in sandboxes are fitted out so: what they lack is hidden in every folder of their PATH, and with
 * the tools of busybox there is nothing there but busybox and Python, as in a small image. Beside them lies what the
 * terminals of such a sandbox are made by where there is no Python, which a service does by an agent of its own.
 *
 * @param folder for what has to be made, readable for whoever runs the sandboxes
 */
export function fittedOut(machine: Machine, fittings: () => Fittings, folder: string): Machine {
  const start = (request: SpawnRequest) => {
    const { lacks, tools } = fittings();
    const more = [...(tools === 'busybox' ? busybox(folder) : []), ...lacks.flatMap(hidden)];
    const config = more.length === 0 ? undefined : keeperConfig(request);
    if (config === undefined) return machine.start(request);
    return machine.start({
      ...request,
      stdin: Buffer.from(JSON.stringify({ ...config, args: [...config.args, ...more] })),
    });
  };
  return { ...machine, start };
}

/** What the program that holds a sandbox is given, where this starts one. */
function keeperConfig({ stdin, detached }: SpawnRequest): KeeperConfig | undefined {
  return detached === true && stdin instanceof Uint8Array
    ? (JSON.parse(Buffer.from(stdin).toString()) as KeeperConfig)
    : undefined;
}

function hidden(program: string): string[] {
  const there = programFolders.map((folder) => join(folder, program)).filter((path) => existsSync(path));
  return there.flatMap((path) => ['--ro-bind', '/dev/null', path]);
}

/** Options of bubblewrap that lay a folder of programs over those of this machine. */
function busybox(folder: string): string[] {
  const bin = join(folder, 'busybox');
  if (!existsSync(bin)) fill(bin);
  return programFolders.flatMap((path) => ['--ro-bind', path === '/usr/bin' ? bin : join(bin, 'empty'), path]);
}

function fill(bin: string): void {
  mkdirSync(join(bin, 'empty'), { recursive: true });
  const program = ['/bin/busybox', '/usr/bin/busybox'].find(existsSync);
  if (program === undefined) throw new Error('busybox is not installed');
  const more = ['python3', 'script'].map((name) => [join('/usr/bin', name), name] as const);
  for (const [from, name] of [[program, 'busybox'] as const, ...more.filter(([from]) => existsSync(from))]) {
    copyFileSync(from, join(bin, name));
    chmodSync(join(bin, name), 0o755);
  }
  const applets = execFileSync(program, ['--list'], { encoding: 'utf8' }).trim().split('\n');
  for (const applet of applets) if (applet !== 'busybox') symlinkSync('busybox', join(bin, applet));
}
