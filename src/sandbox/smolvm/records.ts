import { z } from 'zod';
import { RecordFiles } from '../common/recordFiles.ts';
import { usualBootSeconds } from './program/index.ts';

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
  /** Ports inside that are to be reached at the same ports of loopback. */
  exposedPorts: z.array(z.int()).default([]),
  /** Seconds that it may take to come up, as it was made or attached with. */
  bootTimeout: z.number().default(usualBootSeconds),
});

/** A create that was begun and may not have been answered. */
export type CreateRecord = z.infer<typeof createShape>;
/** What is known here of a microVM beyond what the program tells. No secret. */
export type VmRecord = z.infer<typeof vmShape>;

/** The driver's own notes. */
export class Records {
  readonly #creates: RecordFiles<CreateRecord>;
  readonly #vms: RecordFiles<VmRecord>;

  constructor(folder: string) {
    this.#creates = new RecordFiles(folder, 'create', createShape);
    this.#vms = new RecordFiles(folder, 'vm', vmShape);
  }

  create(key: string): Promise<CreateRecord | undefined> {
    return this.#creates.get(key);
  }

  /** Resolves once it survives a power cut: it is what settles a create whose answer never came. */
  putCreate(record: CreateRecord): Promise<void> {
    return this.#creates.put(record.key, record);
  }

  dropCreate(key: string): Promise<void> {
    return this.#creates.drop(key);
  }

  vm(vmId: string): Promise<VmRecord | undefined> {
    return this.#vms.get(vmId);
  }

  /** {@link vm}, or what is taken for one that was made by another installation of this driver. */
  async vmOrUsual(vmId: string): Promise<Pick<VmRecord, 'madeAt' | 'exposedPorts' | 'bootTimeout'>> {
    return (await this.vm(vmId)) ?? { madeAt: Date.now(), exposedPorts: [], bootTimeout: usualBootSeconds };
  }

  putVm(record: VmRecord): Promise<void> {
    return this.#vms.put(record.vmId, record);
  }

  /** The names of those that this driver asked the program of that name for, and that are not known to be gone. */
  async made(program: CreateRecord['program']): Promise<ReadonlySet<string>> {
    const records = await this.#creates.all();
    return new Set(records.filter((one) => one.program === program).map(({ vmId }) => vmId));
  }

  /** Every microVM that this driver made or held. */
  vms(): Promise<readonly VmRecord[]> {
    return this.#vms.all();
  }

  /** Forgets a microVM that is gone, and the create that made it. */
  async dropVm(vmId: string): Promise<void> {
    await this.#vms.drop(vmId);
    for (const record of await this.#creates.all()) if (record.vmId === vmId) await this.dropCreate(record.key);
  }
}
