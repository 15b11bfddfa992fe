import { z } from 'zod';

const whole = (least: number, most: number, otherwise: number) => z.int().min(least).max(most).default(otherwise);

/** Settings under `airlock.process.*`. A wrong value is refused under its name. */
export const settingsSchema = z.object({
  /** MiB of memory, for each process and for all together. Less than 512 does not start a JavaScript runtime. */
  memoryMb: whole(512, 1_048_576, 4096),
  /** Processes and threads at once. */
  maxProcesses: whole(64, 32_768, 1024),
  /** MiB that one file may grow to. */
  maxFileMb: whole(1, 1_048_576, 4096),
  /** Open files per process. */
  maxOpenFiles: whole(256, 65_536, 4096),
  /** Minutes for which the sandbox waits, without any window connected, before it ends. Its files stay. */
  keepAliveMinutes: whole(0, 10_080, 10),
});

/** Parsed settings. */
