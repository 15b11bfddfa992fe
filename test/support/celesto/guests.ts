import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Provider, Sandbox } from '../../../src/core/sandbox.ts';
import { guestPath } from '../../../src/core/paths.ts';
import { thisMachine } from '../../../src/host/spawn.ts';
import { findPlace } from '../../../src/sandbox/process/place.ts';
import { processProvider } from '../../../src/sandbox/process/index.ts';
import { mintId } from '../../../src/shared/ids.ts';
import { bundlePrograms } from '../programs.ts';
import { fittedOut, type Fittings } from './fittings.ts';

const never = new AbortController().signal;

/** Should the double be killed, what it started ends by itself after this time. */
const keepAliveMs = 15_000;

/** Where commands and terminals begin inside a computer. */
export const guestHome = guestPath('/home/agent');

/** The real machines behind a double's computers: built-in sandboxes in a folder of their own. */
export class Guests {
  readonly folder: string;
  readonly #provider: Provider;

  private constructor(folder: string, provider: Provider) {
    this.folder = folder;
    this.#provider = provider;
  }

  /** Throws a sentence where this machine cannot run any. `fittings` are read at each boot. */
  static async open(fittings: () => Fittings): Promise<Guests> {
    const folder = mkdtempSync(join(tmpdir(), 'celesto-double-'));
    try {
      chmodSync(folder, 0o711);
      mkdirSync(storageIn(folder));
      const provider = processProvider({
        machine: fittedOut(thisMachine(), fittings, folder),
        storage: storageIn(folder),
        programs: await bundlePrograms(join(folder, 'programs')),
        log: () => undefined,
        keepAliveMs,
      });
      const probe = await provider.probe(never);
      if (!probe.ready) throw new Error(probe.problem.detail);
      return new Guests(folder, provider);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Boots a machine. Throws a sentence where that fails. */
  async create(): Promise<Sandbox> {
    const intent = { session: mintId('session'), key: crypto.randomUUID() };
    const created = await this.#provider.create({ settings: {}, toolchains: [] }, intent, () => undefined, never);
    if (created.kind !== 'ready') throw new Error(created.problem.detail);
    return created.sandbox;
  }

  /** Removes whatever is left of any machine, and the folder. */
  async close(): Promise<void> {
    if (!existsSync(this.folder)) return;
    for (const { state } of await this.#provider.inventory(never)) {
      const settled = await this.#provider.remove(state, never);
      if (settled.kind !== 'done') throw new Error(settled.problem.detail);
    }
    // The superuser's machines are elsewhere where no other user can reach this folder.
    const place = await findPlace(thisMachine(), storageIn(this.folder));
    for (const folder of [place.root, this.folder]) rmSync(folder, { recursive: true, force: true });
  }
}

function storageIn(folder: string): string {
  return join(folder, 'storage');
}
