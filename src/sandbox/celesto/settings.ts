import { z } from 'zod';

const whole = (least: number, most: number) => z.int().min(least).max(most);

/** Settings under `airlock.celesto.*`. A wrong value is refused under its name before any request. */
export const settingsSchema = z.object({
  /** Virtual CPUs. */
  cpus: whole(1, 16).default(1),
  /** MiB of memory. */
  memory: whole(512, 32_768).default(1024),
  image: z.string().min(1).max(255).default('ubuntu-desktop-24.04'),
  /** A template such as `scratch` or `coding-agent`. */
  templateId: z.string().min(1).max(64).optional(),
  /** MiB of disk; the template decides where absent. */
  diskSizeMb: whole(512, 20_480).optional(),
  /** `off` leaves the computer without a way to the internet. */
  networkPolicy: z.enum(['open', 'off']).default('open'),
  /** Id or name of a computer to use instead of a new one. */
  computerId: z.string().min(1).max(128).optional(),
  /** Default: true for a computer that was created here, false for one that was given by `computerId`. */
  deleteOnClose: z.boolean().optional(),
  /**
   * Minutes without a sign of life after which the computer shuts itself down; 0: never. Default: 30 for a computer that
   * was created here; one that was given by `computerId` is left as it is.
   */
  idleMinutes: whole(0, 10_080).optional(),
});

/** Parsed settings. */
export type CelestoSettings = z.infer<typeof settingsSchema>;
