import { lstat } from 'node:fs/promises';
import { boot, supervisorSocket, type BootParts } from './boot.ts';
import { endBoots } from './bootFolder.ts';
import { HostProcesses } from './hostProcess.ts';
import { joinKeeper, stopByKeeper, type KeeperLink } from './keeperLink.ts';
import { ping } from './link.ts';
import { readRecord, sessionFolder, writeRecord, type SessionFolder, type SessionRecord } from './record.ts';
import { removeSession } from './remove.ts';
import { protocolVersion } from './wire.ts';

const pingWithinMs = 3000;
const deadPollMs = 3000;

/** One session's folder with its record: starts, finds, ends and removes what belongs to it. */
export class Session {
  readonly folder: SessionFolder;
  readonly #parts: BootParts;
  readonly #processes: HostProcesses;
  record: SessionRecord;

  constructor(parts: BootParts, path: string, record: SessionRecord) {
    this.#parts = parts;
    this.#processes = new HostProcesses(parts.machine);
    this.folder = sessionFolder(path);
    this.record = record;
  }

  /** Reads a session from its folder; undefined where the folder holds none. */
  static async open(parts: BootParts, path: string): Promise<Session | undefined> {
    const found = await lstat(path).catch(() => undefined);
    const record = found?.isDirectory() === true ? await readRecord(path) : undefined;
    return record === undefined ? undefined : new Session(parts, path, record);
  }

  /** False once another process removed it. */
  async isThere(): Promise<boolean> {
    return (await Session.open(this.#parts, this.folder.path)) !== undefined;
  }

  get isMac(): boolean {
    return this.#parts.machine.platform === 'darwin';
  }

  get incarnation(): string {
    return this.record.run?.incarnation ?? '';
  }

  /** Ends what may be left of an earlier start, then starts a new one. */
  async boot(): Promise<KeeperLink> {
    if (!(await this.end())) throw new Error('What ran before could not be ended.');
    const { path } = this.folder;
    const run = await boot(this.#parts, path, this.record);
    this.record = { ...this.record, boots: this.record.boots + 1, run };
    await writeRecord(path, this.record);
    return joinKeeper(run.socket);
  }

  /** Joins what still runs. Undefined when nothing does, or what does cannot be talked to any more. */
  async rejoin(): Promise<KeeperLink | undefined> {
    const { run } = this.record;
    if (run === undefined) return undefined;
    const link = await joinKeeper(run.socket).catch(() => undefined);
    if (link === undefined) return undefined;
    const ours = link.version === protocolVersion && link.incarnation === run.incarnation;
    if (ours && link.supervisor === supervisorSocket(run) && (await ping(link.supervisor, pingWithinMs))) return link;
    link.close();
    return undefined;
  }

  /** Ends all that runs: by the keeper, else from outside by process id and start time. True once verified. */
  async end(): Promise<boolean> {
    // Another process may have restarted it since: what its folder says counts.
    this.record = (await readRecord(this.folder.path)) ?? this.record;
    const { run } = this.record;
    if (run !== undefined) {
      const byKeeper = await stopByKeeper(run.socket).catch(() => false);
      const processes = this.#processes;
      const dead =
        (await processes.killVerified(run.keeper)) && (byKeeper || (await processes.killVerified(run.child)));
      if (!dead) return false;
    }
    // Whoever started one may have died before it was written down.
    if (!(await endBoots(this.#parts.machine, this.folder.path))) return false;
    if (run === undefined) return true;
    const { run: _ended, ...rest } = this.record;
    this.record = rest;
    if ((await lstat(this.folder.path).catch(() => undefined)) !== undefined) {
      await writeRecord(this.folder.path, this.record);
    }
    return true;
  }

  /** True once the first process inside is gone, which takes a moment after its keeper's end. */
  async isDead(): Promise<boolean> {
    const { run } = this.record;
    if (run === undefined) return true;
    const until = Date.now() + deadPollMs;
    while ((await this.#processes.lives(run.child)) !== false) {
      if (Date.now() > until) return false;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return true;
  }

  /** Removes the files. Only after {@link end} was verified. */
  async remove(): Promise<void> {
    await removeSession(this.#parts.machine, this.#parts.place, this.folder.path);
  }
}
