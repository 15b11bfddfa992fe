import { z } from 'zod';
import { namePattern } from './shapes.ts';

const whole = (least: number, most: number) => {
  const why = `it must be a whole number from ${least} to ${most}`;
  return z.int(why).min(least, why).max(most, why);
};

const oneOf = <const T extends readonly string[]>(choices: T) => z.enum(choices, `it must be ${choices.join(' or ')}`);

const unique = (ports: readonly number[]) => new Set(ports).size === ports.length;

/** Seconds that a virtual machine may take to come up where nobody says otherwise. */
export const usualBootSeconds = 120;

/** Settings under `airlock.smolvm.*`. A wrong value is refused under its name before anything is asked for. */
export const settingsSchema = z.object({
  /** The system inside; `auto`: what the program takes for its backend. */
  os: oneOf(['auto', 'ubuntu', 'alpine']).default('auto'),
  backend: oneOf(['auto', 'qemu', 'firecracker', 'libkrun']).default('auto'),
  /** MiB of memory; null: what the program takes for the system. */
  memory: whole(128, 16_384).nullable().default(null),
  /** MiB of disk, for Ubuntu at least the size of its image; null: what the program takes for the system. */
  diskSize: whole(64, 262_144).nullable().default(null),
  /** Ports inside that are reached at the same ports of this machine's loopback while somebody holds it. */
  exposedPorts: z
    .array(whole(1, 65_535), 'it must be a list of ports')
    .max(32, 'it must name at most 32 ports')
    .refine(unique, 'it must name each port once')
    .default([]),
  /** Name of a virtual machine to use instead of a new one. */
  vmId: z.string().regex(namePattern, 'it must be the name of a microVM').optional(),
  /** Default: true for one that was created here, false for one that was given by `vmId`. */
  deleteOnClose: z.boolean('it must be true or false').optional(),
  /** Seconds that a virtual machine may take to come up, when it is made and at each later start. */
  bootTimeout: whole(10, 900).default(usualBootSeconds),
});

/** Parsed settings. */
export type SmolvmSettings = z.infer<typeof settingsSchema>;
