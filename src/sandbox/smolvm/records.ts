import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const programShape = z.enum(['smolvm', 'celesto']);

const createShape = z.object({
  v: z.literal(1),
  key: z.string(),
  program: programShape,
  vmId: z.string(),
});

const vmShape = z.object({
  v: z.literal(1),
  program: programShape,
  vmId: z.string(),
  /** The last boot that was seen. */
  incarnation: z.string(),
  deleteOnClose: z.boolean(),
  /** When it was first entered from here, in milliseconds since 1970. */
  madeAt: z.number(),
});

/** A create that was begun and may not have been answered. */
export type CreateRecord = z.infer<typeof createShape>;
/** What is known here of a microVM beyond what the program tells. No secret. */
export type VmRecord = z.infer<typeof vmShape>;

/** The driver's own notes as small files, replaced whole. What cannot be read counts as absent. */
export class Records {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  create(key: string): Promise<CreateRecord | undefined> {
    return this.#read(this.#path('create', key), createShape);
  }

  /** Resolves once it survives a power cut: it is what settles a create whose answer never came. */
  putCreate(record: CreateRecord): Promise<void> {
    return this.#write(this.#path('create', record.key), record);
  }

  async dropCreate(key: string): Promise<void> {
    await rm(this.#path('create', key), { force: true });
  }

  vm(vmId: string): Promise<VmRecord | undefined> {
    return this.#read(this.#path('vm', vmId), vmShape);
  }

  putVm(record: VmRecord): Promise<void> {
    return this.#write(this.#path('vm', record.vmId), record);
  }

  /** Every microVM that this driver made or held. */
  vms(): Promise<readonly VmRecord[]> {
    return this.#all('vm', vmShape);
  }

  /** Forgets a microVM that is gone, and the create that made it. */
  async dropVm(vmId: string): Promise<void> {
    await rm(this.#path('vm', vmId), { force: true });
    const creates = await this.#all('create', createShape);
    for (const create of creates) if (create.vmId === vmId) await this.dropCreate(create.key);
  }

  #path(kind: 'create' | 'vm', name: string): string {
    return join(this.#folder, `${kind}-${createHash('sha256').update(name).digest('hex').slice(0, 16)}.json`);
  }

  async #all<T>(kind: 'create' | 'vm', shape: z.ZodType<T>): Promise<readonly T[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const found = names.filter((name) => name.startsWith(`${kind}-`) && name.endsWith('.json'));
    const read = await Promise.all(found.map((name) => this.#read(join(this.#folder, name), shape)));
    return read.filter((record) => record !== undefined);
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
