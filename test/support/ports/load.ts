import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';

export const loadShape = z.object({
  port: z.int(),
  path: z.string(),
  headers: z.record(z.string(), z.string()),
  connections: z.int(),
  requests: z.int(),
});

/** Requests to one server of this machine. */
export type Load = z.infer<typeof loadShape>;

const loadedShape = z.object({ perSecond: z.number(), medianMs: z.number() });

/** Asks from a process of its own, as a browser does. */
export async function asked(load: Load): Promise<z.infer<typeof loadedShape>> {
  const program = fileURLToPath(new URL('requests.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program, JSON.stringify(load)]);
  return loadedShape.parse(JSON.parse(stdout));
}
