import { mkdir, open, readFile, rm } from 'node:fs/promises';
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

  /** Writes the key down unless somebody was faster; answers with the one that counts. */
  async #keep(name: string, key: string): Promise<string | undefined> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const file = await open(this.#path(name), 'wx', 0o600).catch(() => undefined);
    if (file === undefined) return await this.#kept(name);
    try {
      await file.writeFile(key);
    } finally {
      await file.close();
    }
    return key;
  }

  #path(name: string): string {
    return join(this.#folder, Buffer.from(name).toString('hex'));
  }
}
