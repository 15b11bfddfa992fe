import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrustsKey } from './connection.ts';

/**
 * The host keys of microVMs in files of our own, one each; the user's `known_hosts` is neither read nor written. A key
 * that the program itself tells of counts; otherwise the first that is seen is kept, and no other is taken for that
 * microVM again.
 */
export class HostKeys {
  readonly #folder: string;

  /** `folder`: an absolute path, made when it is needed. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Decides about the keys that one microVM shows. `told`: its key as the program tells it, where it does. */
  trusts(name: string, told: () => Promise<string | undefined>): TrustsKey {
    return async (key) => {
      const shown = Buffer.from(key).toString('base64');
      const expected = (await told()) ?? (await this.#kept(name));
      if (expected !== undefined) return expected === shown;
      return (await this.#keep(name, shown)) === shown;
    };
  }

  /** Forgets the key of a microVM that is gone. */
  async drop(name: string): Promise<void> {
    await rm(this.#path(name), { force: true });
  }

  async #kept(name: string): Promise<string | undefined> {
    const text = await readFile(this.#path(name), 'utf8').catch(() => '');
    return text === '' ? undefined : text;
  }

  /** Writes the key down, whole or not at all, unless somebody was faster; answers with the one that counts. */
  async #keep(name: string, key: string): Promise<string | undefined> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const path = this.#path(name);
    const fresh = `${path}.${randomUUID()}`;
    try {
      await writeFile(fresh, key, { flag: 'wx', mode: 0o600, flush: true });
      if (await linked(fresh, path)) return key;
      const kept = await this.#kept(name);
      if (kept !== undefined) return kept;
      // It is empty: a power cut came between its making and its writing.
      await rm(path, { force: true });
      return (await linked(fresh, path)) ? key : await this.#kept(name);
    } finally {
      await rm(fresh, { force: true });
    }
  }

  #path(name: string): string {
    return join(this.#folder, Buffer.from(name).toString('hex'));
  }
}

/** False where there is such a file already. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}
