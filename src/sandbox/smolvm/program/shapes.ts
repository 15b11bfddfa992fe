import { z } from 'zod';

/** Names of virtual machines as the program takes them. */
export const namePattern = /^[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?$/;

const name = z.string().regex(namePattern);
const port = z.int().min(1).max(65_535);
const pid = z.int().min(1);
/** A state that we do not know is one that we can do nothing with. */
const status = z.enum(['created', 'running', 'paused', 'stopped', 'error']).or(
  z
    .string()
    .max(64)
    .transform(() => 'other' as const),
);

export type VmStatus = z.infer<typeof status>;

const vm = z.object({
  name,
  status,
  os: z.string().max(200).nullish(),
  backend: z.string().max(64).nullish(),
  ip_address: z.ipv4().nullish(),
  ssh_port: port.nullish(),
  pid: pid.nullish(),
  vcpus: z.number().nullish(),
  memory: z.number().nullish(),
  memory_used: z.number().nullish(),
  disk_size: z.number().nullish(),
});
export const infoShape = z.object({ vm });

/** What the program knows of one virtual machine. Memory and disk in MiB. It does not notice a process that died. */
export type VmInfo = z.infer<typeof vm>;

export const createdShape = z.object({
  vm: z.object({ name, status }),
  warnings: z.array(z.string().max(2000)).max(100).optional(),
});

export const statusShape = z.object({ vm: z.object({ name, status }) });

const listed = z.object({ name, status, pid: pid.nullish(), ssh_port: port.nullish() });
export const listShape = z.object({ vms: z.array(listed).max(10_000) });
export type ListedVm = z.infer<typeof listed>;

export const deletedShape = z.object({
  deleted: z.array(z.string().max(200)).max(1000),
  failed: z.array(z.object({ vm_id: z.string().max(200), error: z.string().max(4000) })).max(1000),
});

/** Ids of snapshots are shaped as names are. */
const snapshot = z.object({
  snapshot_id: name,
  vm_id: name,
  created_at: z.iso.datetime({ offset: true }),
  artifacts: z.object({ disk_path: z.string().max(4096).nullish() }),
});
export const snapshotShape = z.object({ snapshot });
export const snapshotsShape = z.object({ snapshots: z.array(snapshot).max(10_000) });
export const restoredShape = z.object({ snapshot, vm: z.object({ name, status }) });
export type ListedSnapshot = z.infer<typeof snapshot>;

export const logsShape = z.object({ path: z.string().max(4096), lines: z.array(z.string()).max(100_000) });

const finding = z.object({
  name: z.string().max(200),
  status: z.enum(['pass', 'warn', 'fail']),
  detail: z.string().max(4000).nullish(),
  fix: z.string().max(4000).nullish(),
});
export const doctorShape = z.object({
  backend_resolved: z.string().max(64).nullish(),
  checks: z.array(finding).max(200),
});
