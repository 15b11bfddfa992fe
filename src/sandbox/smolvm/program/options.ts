import { z } from 'zod';
import { namePattern } from './shapes.ts';

const whole = (least: number, most: number) => z.int().min(least).max(most);
/** A setting that the editor shows as empty counts as not set. */
const unset = (value: unknown) => value ?? undefined;
const unnamed = (value: unknown) => (value === '' ? undefined : unset(value));
const unique = (ports: readonly number[]) => new Set(ports).size === ports.length;

/** Settings under `airlock.smolvm.*`. A wrong value is refused under its name before anything is asked for. */
export const settingsSchema = z.object({
  /** The system inside. Default: what the program takes for its backend. */
  os: z.preprocess(unset, z.enum(['ubuntu', 'alpine']).optional()),
  backend: z.enum(['auto', 'qemu', 'firecracker', 'libkrun']).default('auto'),
  /** MiB of memory. Default: what the program takes for the system. */
  memory: z.preprocess(unset, whole(128, 16_384).optional()),
  /** MiB of disk; Ubuntu's has at least the size of its image. Default: what the program takes for the system. */
  diskSize: z.preprocess(unset, whole(64, 262_144).optional()),
  /** Ports inside that are forwarded to loopback of this machine as soon as there is a virtual machine. */
  exposedPorts: z.array(whole(1, 65_535)).max(32).refine(unique, 'a port stands there twice').default([]),
  /** Name of a virtual machine to use instead of a new one. */
  vmId: z.preprocess(unnamed, z.string().regex(namePattern, 'is no name of a virtual machine').optional()),
  /** Default: true for one that was created here, false for one that was given by `vmId`. */
  deleteOnClose: z.boolean().optional(),
  /** Seconds that a virtual machine may take to come up. */
  bootTimeout: whole(10, 900).default(120),
});

/** Parsed settings. */
export type SmolvmSettings = z.infer<typeof settingsSchema>;
