import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const createShape = z.object({
  v: z.literal(1),
  key: z.string(),
  sentAt: z.number(),
  /** The request, to be repeated word for word. */
  request: z.looseObject({}),
  /** Computers that were there before it. */
  before: z.array(z.string()),
  /** Known once it was answered. */
  computerId: z.string().optional(),
});

const computerShape = z.object({
  v: z.literal(1),
  /** The last boot that was seen. */
  incarnation: z.string(),
  deleteOnClose: z.boolean(),
  /** Absent where the computer's own watchdog, if any, was left alone. */
  idleMinutes: z.number().optional(),
  /** When somebody here last let go of it or used it. */
  seenAt: z.number(),
});

/** A create that was sent and may not have been answered. */
export type CreateRecord = z.infer<typeof createShape>;
/** What this machine knows of a computer beyond what the service tells. No secret. */
export type ComputerRecord = z.infer<typeof computerShape>;

/** The driver's own notes as small files, replaced whole. What cannot be read counts as absent. */
export class Records {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  create(key: string): Promise<CreateRecord | undefined> {
    return this.#read(this.#createPath(key), createShape);
  }

  /** Resolves once it survives a power cut: it is what finds a computer again whose answer never came. */
  putCreate(record: CreateRecord): Promise<void> {
    return this.#write(this.#createPath(record.key), record);
  }

  async dropCreate(key: string): Promise<void> {
    await rm(this.#createPath(key), { force: true });
  }

  computer(id: string): Promise<ComputerRecord | undefined> {
    return this.#read(this.#computerPath(id), computerShape);
  }

  putComputer(id: string, record: ComputerRecord): Promise<void> {
    return this.#write(this.#computerPath(id), record);
  }

  /** Forgets a computer that is gone, and the create that made it. */
  async dropComputer(id: string): Promise<void> {
    await rm(this.#computerPath(id), { force: true });
    for (const record of await this.creates()) if (record.computerId === id) await this.dropCreate(record.key);
  }

  async creates(): Promise<readonly CreateRecord[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const found = names.filter((name) => /^create-[0-9a-f]{16}\.json$/.test(name));
    const read = await Promise.all(found.map((name) => this.#read(join(this.#folder, name), createShape)));
    return read.filter((record) => record !== undefined);
  }

  #createPath(key: string): string {
    return join(this.#folder, `create-${short(key)}.json`);
  }

  #computerPath(id: string): string {
    return join(this.#folder, `computer-${short(id)}.json`);
  }

  async #read<T>(path: string, shape: z.ZodType<T>): Promise<T | undefined> {
    try {
      return shape.parse(JSON.parse(await readFile(path, 'utf8')));
    } catch {
      return undefined;
    }
  }

  async #write(path: string, record: object): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
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
}

function short(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
