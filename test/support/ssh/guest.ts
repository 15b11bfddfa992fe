import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Endpoint } from '../../../src/sandbox/smolvm/guest/connection.ts';
import type { Seen, Vm } from '../../../src/sandbox/smolvm/vm.ts';
import { ensurePrograms } from '../commands/system.mjs';
import { freePort } from '../freePort.ts';

const needed = {
  bwrap: 'bubblewrap',
  dropbear: 'dropbear-bin',
  dropbearkey: 'dropbear-bin',
  perl: 'perl-base',
  ps: 'procps',
  'ssh-keygen': 'openssh-client',
};

/** Which of this machine's programs are there. */
export interface SshFittings {
  readonly lacks?: readonly string[];
}

/**
 * A place that is entered by SSH as a microVM is, without the microVM: a real SSH server of this machine behind walls of
 * bubblewrap, with processes and files of its own. Its emulator, so to say, is the process that holds the walls.
 */
export class SshGuest implements Vm {
  readonly name = `ssh-guest-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  bootSeconds = 180;
  readonly keyFile: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'airlock-ssh-'));
  #port = 0;
  #walls: ChildProcess | undefined;
  #halted = false;
  /** What the program is made to tell as the guest's host key. */
  toldKey: string | undefined;
  /** A place of this machine's processes has no disk to copy. */
  readonly snapshots = { take: none, list: none, restore: none, remove: none };
  readonly shell = {
    mostCommand: 100_000,
    run: (command: string) => Promise.reject(new Error(`not by SSH: ${command}`)),
  };

  readonly #lacks: readonly string[];

  constructor({ lacks = [] }: SshFittings = {}) {
    this.#lacks = lacks;
    this.keyFile = join(this.#folder, 'key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', this.keyFile]);
    mkdirSync(join(this.#folder, 'root/.ssh'), { recursive: true, mode: 0o700 });
    writeFileSync(join(this.#folder, 'root/.ssh/authorized_keys'), readFileSync(`${this.keyFile}.pub`), {
      mode: 0o600,
    });
    this.newHostKey();
  }

  /** Why there can be none here. What Debian has is installed where that can be. */
  static async unavailable(): Promise<string | undefined> {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'not root on Linux';
    const missing = await ensurePrograms(needed, 'less than 3 MB');
    return missing.length > 0 ? `${missing.join(', ')} cannot be installed` : undefined;
  }

  /** What its login shells do first. */
  set profile(script: string) {
    writeFileSync(join(this.#folder, 'root/.profile'), script);
  }

  /** From the next start on it shows another host key. */
  newHostKey(): void {
    rmSync(join(this.#folder, 'host'), { force: true });
    execFileSync('dropbearkey', ['-t', 'ed25519', '-f', join(this.#folder, 'host')], { stdio: 'ignore' });
  }

  async start(): Promise<void> {
    this.#halted = false;
    for (const pid of this.#inside()) tell(pid, 'SIGCONT');
    if (this.#walls !== undefined) return;
    this.#port ||= await freePort();
    const bind = (from: string, to: string) => ['--bind', join(this.#folder, from), to];
    const walls = [
      ...[
        '--unshare-pid',
        '--die-with-parent',
        '--dev',
        '/dev',
        '--proc',
        '/proc',
        '--tmpfs',
        '/run',
        '--tmpfs',
        '/tmp',
      ],
      ...[
        '--ro-bind',
        '/usr',
        '/usr',
        '--ro-bind',
        '/etc',
        '/etc',
        '--symlink',
        'usr/bin',
        '/bin',
        '--dir',
        '/workspace',
      ],
      ...['--symlink', 'usr/lib', '/lib', '--symlink', 'usr/lib64', '/lib64', '--symlink', 'usr/sbin', '/sbin'],
      ...[...bind('root', '/root'), ...bind('host', '/run/host-key')],
      ...this.#lacks.flatMap((program) => ['--ro-bind', '/dev/null', `/usr/bin/${program}`]),
    ];
    const server = ['dropbear', '-F', '-E', '-s', '-r', '/run/host-key', '-p', `127.0.0.1:${this.#port}`];
    const child = spawn('bwrap', [...walls, '--cap-add', 'ALL', '--', ...server], { stdio: 'ignore', detached: true });
    this.#walls = child;
    child.once('exit', () => (this.#walls = undefined));
    await once(child, 'spawn');
  }

  /** As when its processors are halted. Whatever is begun while it goes through the list is in the next one. */
  pause(): Promise<void> {
    this.#halted = true;
    const stopped = new Set<number>();
    for (;;) {
      const more = this.#inside().filter((pid) => !stopped.has(pid));
      if (more.length === 0) return Promise.resolve();
      for (const pid of more) {
        tell(pid, 'SIGSTOP');
        stopped.add(pid);
      }
    }
  }

  /** As when its emulator is killed. */
  async stop(): Promise<void> {
    const walls = this.#walls;
    this.#halted = false;
    if (walls?.pid === undefined) return;
    const gone = once(walls, 'exit');
    process.kill(-walls.pid, 'SIGKILL');
    await gone;
  }

  async delete(): Promise<{ kind: 'done' }> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
    return { kind: 'done' };
  }

  /** Where its server listens, as long as it runs. */
  get endpoint(): Endpoint | undefined {
    if (this.#walls === undefined) return undefined;
    return { host: '127.0.0.1', port: this.#port, user: 'root', keyFile: this.keyFile };
  }

  /** The host key that it shows, in base64. */
  get shownKey(): string {
    const told = execFileSync('dropbearkey', ['-y', '-f', join(this.#folder, 'host')]).toString();
    return /^ssh-ed25519 (\S+)/m.exec(told)?.[1] ?? '';
  }

  /** The processes behind the walls. */
  #inside(): readonly number[] {
    const rows = execFileSync('ps', ['-eo', 'pid=,ppid=']).toString().split('\n');
    const all = rows.map((row) => row.trim().split(/\s+/).map(Number));
    const below = (parent: number): number[] =>
      all.flatMap(([pid = 0, ppid]) => (ppid === parent ? [pid, ...below(pid)] : []));
    return this.#walls?.pid === undefined ? [] : below(this.#walls.pid);
  }

  /** Kills the server of each connection. The one that listens, and what was begun over them, go on. */
  dropConnections(): void {
    const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,comm=']).toString().split('\n');
    const all = rows.map((row) => row.trim().split(/\s+/));
    const below = (parent: string) => all.filter(([, ppid]) => ppid === parent);
    const servers = (parent: string) =>
      below(parent).flatMap(([pid = '', , name]) => (name === 'dropbear' ? [pid] : []));
    const [inner = []] = below(String(this.#walls?.pid ?? 0));
    for (const pid of servers(inner[0] ?? '').flatMap(servers)) process.kill(Number(pid), 'SIGKILL');
  }

  look(): Promise<Seen> {
    const { endpoint } = this;
    if (this.#halted) return Promise.resolve({ kind: 'paused' });
    return Promise.resolve(endpoint === undefined ? { kind: 'stopped' } : { kind: 'running', endpoint });
  }

  hostKey(): Promise<string | undefined> {
    return Promise.resolve(this.toldKey);
  }
}

function none(): Promise<never> {
  return Promise.reject(new Error('There are no snapshots here.'));
}

/** One that has ended since it was listed hears nothing. */
function tell(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
