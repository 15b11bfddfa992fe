import { build } from 'esbuild';
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Outcome, ProviderState, ToolchainOffer } from '../../../src/core/sandbox.ts';
import { bundlePrograms } from '../programs.ts';

const ordinaryUid = 64_900;

/** What a command inside printed and how it ended. */
export interface Tried {
  readonly text: string;
  readonly outcome: Outcome;
}

/** The ids that a state names. */
export interface JailState extends ProviderState {
  readonly data: { readonly folder: string; readonly keeper: { readonly pid: number } };
}

/**
 * A place below a private folder, as a clone in somebody's home is: programs, runtime and storage lie there, and a
 * jailer can be started from it, as the superuser or as an ordinary user.
 */
export class JailYard {
  readonly root: string;
  readonly uid: number | undefined;
  readonly #jails: Jail[] = [];

  private constructor(root: string, uid: number | undefined) {
    this.root = root;
    this.uid = uid;
  }

  static async make(user: 'superuser' | 'ordinary'): Promise<JailYard> {
    const mustDrop = user === 'ordinary' && process.getuid?.() === 0;
    const uid = mustDrop ? ordinaryUid : undefined;
    const root = mkdtempSync('/tmp/airlock-walls-');
    const yard = new JailYard(root, uid);
    const clone = join(root, 'clone');
    await bundlePrograms(clone);
    copyFileSync(process.execPath, join(clone, 'node'));
    await build({
      entryPoints: [join(import.meta.dirname, 'jailer.ts')],
      outfile: join(clone, 'jailer.cjs'),
      bundle: true,
      platform: 'node',
      format: 'cjs',
    });
    if (uid !== undefined) for (const path of [root, clone, ...list(clone)]) chownSync(path, uid, uid);
    chmodSync(root, 0o700);
    return yard;
  }

  /** Starts a jailer. Its environment and an open descriptor hold what must not be seen inside. */
  open(keepAliveMs = 60_000): Jail {
    const clone = join(this.root, 'clone');
    const args = ['jailer.cjs', 'supervisor.cjs', 'keeper.cjs'].map((name) => join(clone, name));
    const [jailer = '', supervisor = '', keeper = ''] = args;
    // As long as an editor's: sockets must find a shorter place.
    const storage = join(clone, 'an-editor/User/globalStorage/airlock-dev.airlock/and-a-longer-name-than-sockets-take');
    const start = `exec 251>>'${this.root}/clone/open-descriptor' && exec "$@"`;
    const command = [join(clone, 'node'), jailer, storage, supervisor, keeper, String(keepAliveMs)];
    const child = spawn('/bin/bash', ['-c', start, 'bash', ...command], {
      env: {
        PATH: process.env['PATH'],
        HOME: this.root,
        JAILER_SECRET: 'must-not-be-seen',
        SSH_AUTH_SOCK: '/run/agent',
      },
      stdio: ['pipe', 'pipe', 'inherit'],
      ...(this.uid === undefined ? {} : { uid: this.uid, gid: this.uid }),
    });
    const jail = new Jail(child);
    this.#jails.push(jail);
    return jail;
  }

  /** Ends all jails and removes the place with what the superuser's provider made elsewhere. */
  async clear(): Promise<void> {
    for (const jail of this.#jails) await jail.close();
    for (const { folder } of this.#jails) {
      if (folder?.startsWith('/var/lib/airlock-') === true) {
        rmSync(dirname(dirname(folder)), { recursive: true, force: true });
      }
    }
    rmSync(this.root, { recursive: true, force: true });
  }
}

function list(folder: string): string[] {
  return readdirSync(folder).map((name) => join(folder, name));
}

/** One running jailer. */
export class Jail {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (value: unknown) => void>();
  #next = 0;
  #state: JailState | undefined;
  #deleted = false;
  folder: string | undefined;

  constructor(child: ChildProcess) {
    this.#child = child;
    if (child.stdout === null) throw new Error('no output');
    createInterface({ input: child.stdout }).on('line', (text) => {
      const { id, value } = JSON.parse(text) as { id: number; value: unknown };
      this.#waiting.get(id)?.(value);
      this.#waiting.delete(id);
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get state(): JailState {
    if (this.#state === undefined) throw new Error('nothing was created');
    return this.#state;
  }

  async create(settings: Record<string, unknown> = {}, toolchains: readonly ToolchainOffer[] = []): Promise<void> {
    const made = await this.#order('create', { settings, toolchains });
    if (made['kind'] !== 'ready') throw new Error(`not created: ${JSON.stringify(made)}`);
    this.#know(made);
  }

  async resume(state: ProviderState): Promise<string> {
    const resumed = await this.#order('resume', { state });
    this.#know(resumed);
    return String(resumed['kind']);
  }

  run(shell: string, more: { op?: string; deadlineMs?: number } = {}): Promise<Tried> {
    return this.#order('run', { shell, ...more }) as Promise<unknown> as Promise<Tried>;
  }

  /** Opens the way out for these hosts. */
  async allow(...hosts: readonly string[]): Promise<void> {
    await this.#order('allow', { hosts });
  }

  async abort(op: string): Promise<void> {
    await this.#order('abort', { op });
  }

  async settle(what: 'start' | 'stop' | 'delete'): Promise<string> {
    const answer = await this.#order(what, {});
    if (what === 'delete') this.#deleted = true;
    else this.#know(answer);
    return (answer['settled'] as { kind: string }).kind;
  }

  /** Ends the jailer as a crash would. */
  async crash(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await gone;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    if (this.#state !== undefined && !this.#deleted) await this.settle('delete');
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.stdin?.end();
    await gone;
  }

  #know(answer: Record<string, unknown>): void {
    this.#state = answer['state'] as JailState | undefined;
    this.folder = this.#state?.data.folder;
  }

  #order(what: string, more: Record<string, unknown>): Promise<Record<string, unknown>> {
    const id = ++this.#next;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve as (value: unknown) => void);
      this.#child.stdin?.write(`${JSON.stringify({ id, do: what, ...more })}\n`);
    });
  }
}
