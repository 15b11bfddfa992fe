import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine } from '../../core/machine.ts';
import type { ReadOnly } from './bwrapArguments.ts';
import { shownChains } from './chains.ts';
import type { Place } from './place.ts';
import { sessionFolder, type SessionRecord } from './record.ts';
import type { Composed, Limits } from './wire.ts';

/** Paths that a profile names. All of them real paths: Seatbelt does not look through /tmp -> /private/tmp. */
export interface SeatbeltPaths {
  readonly writable: readonly string[];
  readonly readable: readonly string[];
  /** Folders within the readable ones that are not. */
  readonly hidden: readonly string[];
}

const systemReads = [
  '/usr',
  '/bin',
  '/sbin',
  '/System',
  '/Library/Apple',
  '/Library/Developer',
  '/Applications/Xcode.app/Contents/Developer',
  '/private/etc/ssl',
  '/private/etc/shells',
  '/private/etc/zshrc',
  '/private/etc/profile',
  '/private/etc/bashrc',
  '/private/var/db/timezone',
  '/private/var/select',
  '/dev',
];
const sysctls = ['hw.', 'kern.', 'machdep.cpu.', 'net.routetable.', 'sysctl.proc_', 'vm.'];
const services = ['com.apple.system.notification_center', 'com.apple.system.logger', 'com.apple.bsd.dirhelper'];
const devices = ['/dev/null', '/dev/zero', '/dev/random', '/dev/urandom', '/dev/dtracehelper', '/dev/tty'];

/**
 * Generates a Seatbelt profile: everything is denied but reading the system, writing the session's own folders, and
 * talking to this sandbox's own loopback. Launch Services, Apple Events, the keychain and the DNS responder stay shut,
 * since no service but a few harmless ones may be looked up.
 */
export function seatbeltProfile(paths: SeatbeltPaths): string {
  const subpaths = (list: readonly string[]) => list.map((path) => `(subpath ${quoted(path)})`).join(' ');
  return [
    '(version 1)',
    '(deny default)',
    '(allow process-fork process-exec)',
    '(allow signal (target same-sandbox))',
    '(allow process-info* (target same-sandbox))',
    `(allow sysctl-read ${sysctls.map((name) => `(sysctl-name-prefix ${quoted(name)})`).join(' ')})`,
    `(allow mach-lookup ${services.map((name) => `(global-name ${quoted(name)})`).join(' ')})`,
    '(allow file-read-metadata)',
    '(allow file-read-data (literal "/"))',
    `(allow file-read* ${subpaths([...systemReads, ...paths.readable, ...paths.writable])})`,
    // Of several rules that fit, the last counts.
    ...(paths.hidden.length === 0 ? [] : [`(deny file-read* ${subpaths(paths.hidden)})`]),
    `(allow file-write* ${subpaths(paths.writable)})`,
    `(allow file-write-data ${devices.map((path) => `(literal ${quoted(path)})`).join(' ')})`,
    '(allow pseudo-tty)',
    '(allow file-read* file-write* file-ioctl (literal "/dev/ptmx") (regex #"^/dev/ttys[0-9]+$"))',
    // `local` in an outbound rule would allow every peer, so outbound names the remote side.
    '(allow network-bind network-inbound (local ip "localhost:*"))',
    '(allow network-outbound (remote ip "localhost:*"))',
    ...paths.writable.map((path) => `(allow network-bind (local unix-socket (subpath ${quoted(path)})))`),
    '',
  ].join('\n');
}

/** The start of a sandbox on macOS. Unproven: it was generated and read, never run on such a machine. */
export async function seatbeltCommand(parts: {
  readonly machine: Machine;
  readonly place: Place;
  readonly path: string;
  readonly record: Pick<SessionRecord, 'toolchains'>;
  readonly supervisor: string;
  readonly limits: Limits;
  readonly control: string;
  readonly firstBoot: boolean;
  readonly command?: readonly string[];
}): Promise<Composed> {
  const { machine, record, supervisor, control, limits } = parts;
  const folder = sessionFolder(await realpath(parts.path));
  const own = await realpath(control);
  const scratch = join(folder.home, '.tmp');
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const { program, env } = machine.runtime;
  const runtime = await realpath(program);
  const chains = await shownChains(record.toolchains, { storage: parts.place.root, asStranger: false });
  const realOf = ({ from, to }: ReadOnly) =>
    chains.hidden.filter((one) => one.startsWith(`${to}/`)).map((one) => from + one.slice(to.length));
  const profile = seatbeltProfile({
    writable: [folder.home, folder.workspace, own],
    readable: [await realpath(supervisor), appFolder(runtime), ...chains.readOnly.map(({ from }) => from)],
    hidden: chains.readOnly.flatMap(realOf),
  });
  const config = { socket: join(own, 's'), scratch: join(own, 'io'), firstBoot: parts.firstBoot, terminals: {} };
  const script = `ulimit -c 0 && ulimit -f ${limits.maxFileMb * 2048} && ulimit -n ${limits.maxOpenFiles} && exec "$@"`;
  const command = parts.command ?? [runtime, supervisor, JSON.stringify(config)];
  return {
    program: '/usr/bin/sandbox-exec',
    args: ['-p', profile],
    command: ['/bin/sh', '-c', script, 'sh', ...command],
    argsFd: false,
    env: {
      ...env,
      PATH: [...new Set(record.toolchains.map(({ bin }) => bin)), '/usr/bin', '/bin', '/usr/sbin', '/sbin'].join(':'),
      HOME: folder.home,
      USER: 'agent',
      LOGNAME: 'agent',
      LANG: 'en_US.UTF-8',
      TMPDIR: scratch,
    },
  };
}

/** An editor's runtime reads its whole application folder. */
function appFolder(runtime: string): string {
  const end = runtime.indexOf('.app/');
  return end < 0 ? runtime : runtime.slice(0, end + '.app'.length);
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, (character) => `\\${character}`)}"`;
}
