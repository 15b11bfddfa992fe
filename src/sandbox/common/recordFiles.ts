import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';

/**
 * One kind of a driver's own notes: a small JSON file each, replaced whole, in a folder that other kinds share. What
 * holds no note of this kind counts as absent; what cannot be read does not: then the system's error is thrown. No
 * secret goes in.
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
    try {
      await write(fresh, JSON.stringify(record));
      await rename(fresh, path);
    } catch (error) {
      await rm(fresh, { force: true });
      throw error;
    }
    await syncFolder(this.#folder);
  }

  async drop(name: string): Promise<void> {
    await rm(this.#path(name), { force: true });
  }

  async all(): Promise<readonly T[]> {
    const names = await readdir(this.#folder).catch((error: unknown) => (isAbsent(error) ? [] : rethrow(error)));
    const found = names.filter((name) => name.startsWith(`${this.#kind}-`) && name.endsWith('.json'));
    const read = await Promise.all(found.map((name) => this.#read(join(this.#folder, name))));
    return read.filter((record) => record !== undefined);
  }

  #path(name: string): string {
    return join(this.#folder, `${this.#kind}-${createHash('sha256').update(name).digest('hex').slice(0, 16)}.json`);
  }

  async #read(path: string): Promise<T | undefined> {
    try {
      const text = await readFile(path, 'utf8');
      return this.#parse(text);
    } catch (error) {
      return isAbsent(error) ? undefined : rethrow(error);
    }
  }

  #parse(text: string): T | undefined {
    try {
      return this.#shape.parse(JSON.parse(text));
    } catch {
      return undefined;
    }
  }
}

async function write(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A new name lasts only once its folder was written. Windows opens no folders, and needs none of it. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    // Some network file systems cannot sync a folder; they order names by themselves.
    if (!['EINVAL', 'ENOTSUP', 'EBADF'].includes(codeOf(error))) throw error;
  } finally {
    await folder.close();
  }
}

function isAbsent(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function rethrow(error: unknown): never {
  throw error;
}
