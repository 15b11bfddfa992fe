import { lstat, readlink } from 'node:fs/promises';
import type { Limits } from './wire.ts';

/** Paths inside the sandbox. */
export const inside = {
  workspace: '/workspace',
  home: '/home/agent',
  control: '/run/ctl',
  socket: '/run/ctl/s',
  scratch: '/run/io',
  supervisor: '/run/airlock/supervisor.cjs',
  bin: '/run/airlock/bin',
  node: '/run/airlock/bin/node',
  editor: '/run/airlock/editor',
  nodePty: '/run/airlock/node-pty',
} as const;

/** One folder or file of this machine that shows inside, read-only. */
export interface ReadOnly {
  readonly from: string;
  readonly to: string;
}

/** All that the argument list is made from. */
export interface Confinement {
  /** Options that this bubblewrap knows, from its `--help`. */
  readonly features: ReadonlySet<string>;
  /** Our own files for /etc, by host path. */
  readonly etc: string;
  readonly home: string;
  readonly workspace: string;
  readonly control: string;
  readonly readOnly: readonly ReadOnly[];
  /** Folders inside that show empty although what they lie in shows. */
  readonly hidden: readonly string[];
  /** Folders of PATH inside that come before the system's. */
  readonly pathFirst: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const systemPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
const mib = 1024 * 1024;
const tmpBytes = 1024 * mib;
const runBytes = 16 * mib;
const sharedMemoryBytes = 64 * mib;

const etcOfHost = [
  'alternatives ld.so.cache ld.so.conf ld.so.conf.d ssl/certs ssl/openssl.cnf ca-certificates pki crypto-policies',
  'localtime timezone mime.types terminfo protocols services nsswitch.conf bash.bashrc inputrc os-release',
  'debian_version locale.alias java-8-openjdk java-11-openjdk java-17-openjdk java-21-openjdk java-25-openjdk',
].flatMap((line) => line.split(' '));

/** Names of the files that are ours in /etc. */
export const etcOfOurs = ['passwd', 'group', 'hosts', 'resolv.conf', 'profile', 'gitconfig'] as const;

const procSecrets = ['kcore', 'keys', 'sysrq-trigger', 'timer_list', 'sched_debug', 'kallsyms', 'mtrr'];

/** The value of PATH inside. The editor's runtime comes last, so that the project's own Node wins. */
export function pathInside(first: readonly string[]): string {
  return [...first, ...systemPath, inside.bin].join(':');
}

/**
 * The options of bubblewrap, for `--args`: on the command line, which is readable inside, only the command may stand.
 * The order of mounts matters: later ones lie over earlier ones.
 */
export async function bwrapArguments(confinement: Confinement): Promise<string[]> {
  const { features, etc, home, workspace, control, readOnly, hidden } = confinement;
  return [
    ...namespaces(features),
    ...environment(confinement),
    ...['--ro-bind', '/usr', '/usr'],
    ...(await systemFolders()),
    ...etcOfHost.flatMap((name) => ['--ro-bind-try', `/etc/${name}`, `/etc/${name}`]),
    ...etcOfOurs.flatMap((name) => ['--ro-bind', `${etc}/${name}`, `/etc/${name}`]),
    ...(await processFolder()),
    ...['--dev', '/dev'],
    ...['--perms', '1777', '--size', String(tmpBytes), '--tmpfs', '/tmp'],
    ...['--perms', '0700', '--size', String(runBytes), '--tmpfs', '/run', '--dir', '/run/user'],
    // A mount of its own, as a plain folder could be moved away with all that is mounted in it.
    ...['--perms', '0755', '--size', '65536', '--tmpfs', '/run/airlock'],
    ...['--size', String(sharedMemoryBytes), '--tmpfs', '/dev/shm'],
    ...['--bind', home, inside.home],
    ...['--bind', workspace, inside.workspace],
    ...['--bind', control, inside.control],
    ...readOnly.flatMap(({ from, to }) => ['--ro-bind', from, to]),
    ...hidden.flatMap((path) => ['--perms', '0555', '--size', '4096', '--tmpfs', path, '--remount-ro', path]),
    // Otherwise both are writable memory.
    ...['--remount-ro', '/run/airlock', '--remount-ro', '/dev', '--remount-ro', '/'],
    ...['--chdir', inside.workspace, '--seccomp', '4', '--info-fd', '5'],
  ];
}

function namespaces(features: ReadonlySet<string>): string[] {
  return [
    ...['--unshare-user', '--unshare-ipc', '--unshare-pid', '--unshare-uts', '--unshare-cgroup-try', '--unshare-net'],
    // Older versions lack it; the filter refuses nested namespaces as well.
    ...(features.has('--disable-userns') ? ['--disable-userns'] : []),
    ...['--new-session', '--die-with-parent', '--cap-drop', 'ALL', '--hostname', 'airlock'],
  ];
}

function environment({ pathFirst, env }: Confinement): string[] {
  const variables = {
    PATH: pathInside(pathFirst),
    HOME: inside.home,
    USER: 'agent',
    LOGNAME: 'agent',
    LANG: 'C.UTF-8',
    TERM: 'xterm-256color',
    TMPDIR: '/tmp',
    XDG_RUNTIME_DIR: '/run/user',
    ...env,
  };
  return ['--clearenv', ...Object.entries(variables).flatMap(([name, value]) => ['--setenv', name, value])];
}

/** `/bin` and its like are links into /usr on most systems, folders of their own on others. */
async function systemFolders(): Promise<string[]> {
  const list = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'].map(async (name) => {
    const path = `/${name}`;
    const found = await lstat(path).catch(() => undefined);
    if (found === undefined) return [];
    return found.isSymbolicLink() ? ['--symlink', await readlink(path), path] : ['--ro-bind', path, path];
  });
  return (await Promise.all(list)).flat();
}

/** As the superuser's child the sandbox could write kernel settings, and some files tell of the whole machine. */
async function processFolder(): Promise<string[]> {
  const secrets = procSecrets.map(async (name) => {
    const there = await lstat(`/proc/${name}`).catch(() => undefined);
    return there === undefined ? [] : ['--ro-bind', '/dev/null', `/proc/${name}`];
  });
  return ['--proc', '/proc', '--ro-bind', '/proc/sys', '/proc/sys', ...(await Promise.all(secrets)).flat()];
}

/**
 * Puts the limits around a command. Joined by `&&`: a shell that cannot set one must not go on without it.
 * dash knows `-p` for processes, bash `-u`; both count file size in 512 bytes when they are `sh`. The supervisor reads
 * the result back.
 */
export function limited(limits: Limits, command: readonly string[]): string[] {
  const { memoryMb, maxProcesses, maxFileMb, maxOpenFiles } = limits;
  const script = [
    'ulimit -c 0',
    `{ ulimit -u ${maxProcesses} 2>/dev/null || ulimit -p ${maxProcesses}; }`,
    `ulimit -f ${maxFileMb * 2048}`,
    `ulimit -n ${maxOpenFiles}`,
    `ulimit -d ${memoryMb * 1024}`,
    'echo 800 > /proc/self/oom_score_adj',
    'exec "$@"',
  ].join(' && ');
  return ['/bin/sh', '-c', script, 'sh', ...command];
}
