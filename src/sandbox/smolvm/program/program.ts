import { homedir } from 'node:os';
import { join } from 'node:path';
import type { z } from 'zod';
import { AirlockError } from '../../../core/problem.ts';
import { call, dataOf, type CallLimits, type Found, type Ground, type Reply } from './call.ts';
import { diskNames, snapshotIds } from './disks.ts';
import { Finder, type FindParts, type Finding } from './find.ts';

/** What the program layer is made from. */
export interface ProgramParts extends FindParts {
  /**
   * The home folder that the program sees, in which it keeps its keys. Default: this user's. It may be told by the
   * program's name where the two do not share one.
   */
  home?(found: Found): string;
  /** Reads a variable of this machine's environment, by which the program's state may be moved. Default: none is set. */
  variable?(name: string): string | undefined;
}

const usualMs = 60_000;

/** The program that runs virtual machines, whichever of its names it has here. Calls about one machine do not overlap. */
export class Program {
  readonly ground: Ground;
  readonly #finder: Finder;
  readonly #home: (found: Found) => string;
  readonly #variable: (name: string) => string | undefined;
  readonly #queues = new Map<string, Promise<unknown>>();

  constructor(parts: ProgramParts) {
    this.ground = { machine: parts.machine, log: (line) => parts.log(line) };
    this.#finder = new Finder(parts);
    this.#home = (found) => parts.home?.(found) ?? homedir();
    this.#variable = (name) => parts.variable?.(name);
  }

  /** Looks for the program. Never rejects. */
  find(signal?: AbortSignal): Promise<Finding> {
    return this.#finder.find(signal);
  }

  /** The program; throws why there is none. */
  async found(signal?: AbortSignal): Promise<Found> {
    const finding = await this.#finder.find(signal);
    if (finding.kind === 'none') throw new AirlockError(finding.problem);
    return finding.found;
  }

  /** The private key that opens every virtual machine of the program: one for each user, without a passphrase. */
  async keyFile(signal?: AbortSignal): Promise<string> {
    const found = await this.found(signal);
    return join(this.#home(found), `.${found.name}`, 'keys', 'id_ed25519');
  }

  /** Names of virtual machines that have a disk, told without the program. Not all of them need to be known to it. */
  async diskNames(signal?: AbortSignal): Promise<readonly string[]> {
    const found = await this.found(signal);
    return await diskNames(found, { home: this.#home(found), variable: this.#variable });
  }

  /** Ids of snapshots that lie on this disk, told without the program. */
  async snapshotIds(signal?: AbortSignal): Promise<readonly string[]> {
    const found = await this.found(signal);
    return await snapshotIds(found, { home: this.#home(found), variable: this.#variable });
  }

  /** Runs one command. Throws only where there is no program. */
  async ask<T>(args: readonly string[], shape: z.ZodType<T>, limits: Partial<CallLimits> = {}): Promise<Reply<T>> {
    const found = await this.found(limits.signal);
    return call(this.ground, found, args, shape, { withinMs: usualMs, ...limits });
  }

  /** {@link ask}, for its data. Throws what kept it from coming. */
  async data<T>(args: readonly string[], shape: z.ZodType<T>, limits: Partial<CallLimits> = {}): Promise<T> {
    return dataOf(await this.ask(args, shape, limits));
  }

  /** Runs `work` when everything that was begun before about this virtual machine has ended: the program has no lock. */
  inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#queues.get(name) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = mine.catch(() => undefined);
    this.#queues.set(name, settled);
    void settled.then(() => {
      if (this.#queues.get(name) === settled) this.#queues.delete(name);
    });
    return mine;
  }
}
