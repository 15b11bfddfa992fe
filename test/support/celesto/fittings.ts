import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
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
    const without = lacks.includes('node') ? withoutRuntime(folder) : [];
    const bin = tools === 'busybox' ? filled(join(folder, 'busybox')) : undefined;
    const tooled = bin === undefined ? [] : instead(bin);
    const more = [...tooled, ...lacks.flatMap((program) => hidden(program, bin)), ...without];
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

/** By its own name or as what a link of that name leads to. Of busybox' applets none can be hidden. */
function hidden(program: string, bin: string | undefined): string[] {
  const folders = bin === undefined ? programFolders : ['/usr/bin'];
  const there = folders.filter((folder) => existsSync(join(bin ?? folder, program)));
  const paths = new Set(
    there.map((folder) => (bin === undefined ? realpathSync(join(folder, program)) : join(folder, program))),
  );
  return [...paths].flatMap((path) => ['--ro-bind', '/dev/null', path]);
}

/** The Node that a built-in sandbox itself runs by is not on the way to programs any more. It stays where it is. */
function withoutRuntime(folder: string): string[] {
  const path = [...programFolders, '/sbin', '/bin'].join(':');
  const profile = join(folder, 'profile');
  writeFileSync(profile, `export PATH='${path}'\n`);
  chmodSync(profile, 0o644);
  return ['--setenv', 'PATH', path, '--ro-bind', profile, '/etc/profile'];
}

/** Options of bubblewrap that lay a folder of programs over those of this machine. */
function instead(bin: string): string[] {
  return programFolders.flatMap((path) => ['--ro-bind', path === '/usr/bin' ? bin : join(bin, 'empty'), path]);
}

/** The folder, with busybox and Python in it. */
function filled(bin: string): string {
  if (!existsSync(bin)) fill(bin);
  return bin;
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
