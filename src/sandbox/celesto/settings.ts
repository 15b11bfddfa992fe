import { z } from 'zod';

const whole = (least: number, most: number) => {
  const why = `it must be a whole number from ${least} to ${most}`;
  return z.int(why).min(least, why).max(most, why);
};

const text = (most: number) => z.string('it must be a text').max(most, `it must have at most ${most} characters`);

/** Settings under `airlock.celesto.*`. A wrong value is refused under its name before any request. */
export const settingsSchema = z.object({
  /** Virtual CPUs. */
  cpus: whole(1, 16).default(1),
  /** MiB of memory. */
  memory: whole(512, 32_768).default(1024),
  image: text(255).min(1, 'it must not be empty').default('ubuntu-desktop-24.04'),
  /** A template such as `scratch` or `coding-agent`; empty: the service's own choice. */
  template: text(64).default(''),
  /** MiB of disk; null: the template decides. */
  diskSize: whole(512, 20_480).nullable().default(null),
  /** `off` leaves the computer without a way to the internet. */
  networkPolicy: z.enum(['open', 'off'], 'it must be open or off').default('open'),
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
