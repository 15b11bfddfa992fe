import { z } from 'zod';
import { RecordFiles } from '../common/recordFiles.ts';

const createShape = z.object({
  v: z.literal(1),
  key: z.string(),
  sentAt: z.number(),
  /** Where it was sent to. Absent in older notes. */
  origin: z.string().optional(),
  /** The request, to be repeated word for word. */
  request: z.looseObject({}),
  /** Computers that were there before it. */
  before: z.array(z.string()),
  /** Known once it was answered. */
  computerId: z.string().optional(),
  /** Minutes after which the computer is to shut itself down. Absent in older notes. */
  idleMinutes: z.number().optional(),
  /** Whose it is: a key of another organization is not shown it. Absent where that could not be told. */
  organization: z.string().optional(),
});

const computerShape = z.object({
  v: z.literal(1),
  /** The last boot that was seen. */
  incarnation: z.string(),
  deleteOnClose: z.boolean(),
  /** Absent where the computer's own watchdog, if any, was left alone. */
  idleMinutes: z.number().optional(),
  /** Whose it is. Absent where that could not be told. */
  organization: z.string().optional(),
  /** When somebody here last let go of it or used it. */
  seenAt: z.number(),
});

/** A create that was sent and may not have been answered. */
export type CreateRecord = z.infer<typeof createShape>;
/** What this machine knows of a computer beyond what the service tells. No secret. */
export type ComputerRecord = z.infer<typeof computerShape>;

/** The driver's own notes. */
export class Records {
  readonly #creates: RecordFiles<CreateRecord>;
  readonly #computers: RecordFiles<ComputerRecord>;

  constructor(folder: string) {
    this.#creates = new RecordFiles(folder, 'create', createShape);
    this.#computers = new RecordFiles(folder, 'computer', computerShape);
  }

  create(key: string): Promise<CreateRecord | undefined> {
    return this.#creates.get(key);
  }

  /** Resolves once it survives a power cut: it is what finds a computer again whose answer never came. */
  putCreate(record: CreateRecord): Promise<void> {
    return this.#creates.put(record.key, record);
  }

  dropCreate(key: string): Promise<void> {
    return this.#creates.drop(key);
  }

  computer(id: string): Promise<ComputerRecord | undefined> {
    return this.#computers.get(id);
  }

  /** Whose it is, once noted, stays. */
  async putComputer(id: string, record: ComputerRecord): Promise<void> {
    const organization = record.organization ?? (await this.computer(id))?.organization;
    await this.#computers.put(id, organization === undefined ? record : { ...record, organization });
  }

  /** The create that made a computer. */
  async maker(id: string): Promise<CreateRecord | undefined> {
    return (await this.#creates.all()).find(({ computerId }) => computerId === id);
  }

  /** Forgets a computer that is gone, and the create that made it. */
  async dropComputer(id: string): Promise<void> {
    await this.#computers.drop(id);
    for (const record of await this.#creates.all()) if (record.computerId === id) await this.dropCreate(record.key);
  }
}
