import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';

/**
 * One kind of a driver's own notes: a small JSON file each, replaced whole, in a folder that other kinds share. What
 * cannot be read counts as absent. No secret goes in.
 */
export class RecordFiles<T extends object> {
  readonly #folder: string;
  readonly #kind: string;
  readonly #shape: z.ZodType<T>;

  /** @param kind begins the files' names */
  constructor(folder: string, kind: string, shape: z.ZodType<T>) {
    this.#folder = folder;
    this.#kind = kind;
    this.#shape = shape;
  }

  get(name: string): Promise<T | undefined> {
    return this.#read(this.#path(name));
  }

  /** Resolves once it survives a power cut. */
  async put(name: string, record: T): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const path = this.#path(name);
    const fresh = `${path}.${randomUUID()}`;
    const file = await open(fresh, 'wx', 0o600);
    try {
      await file.writeFile(JSON.stringify(record));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, path);
  }

  async drop(name: string): Promise<void> {
    await rm(this.#path(name), { force: true });
  }

  async all(): Promise<readonly T[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const found = names.filter((name) => name.startsWith(`${this.#kind}-`) && name.endsWith('.json'));
    const read = await Promise.all(found.map((name) => this.#read(join(this.#folder, name))));
    return read.filter((record) => record !== undefined);
  }

  #path(name: string): string {
    return join(this.#folder, `${this.#kind}-${createHash('sha256').update(name).digest('hex').slice(0, 16)}.json`);
  }

  async #read(path: string): Promise<T | undefined> {
    try {
      return this.#shape.parse(JSON.parse(await readFile(path, 'utf8')));
    } catch {
      return undefined;
    }
  }
}
