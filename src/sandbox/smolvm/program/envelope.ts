import { z } from 'zod';

const errorShape = z.object({ code: z.string().max(64), message: z.string() });

const envelopeShape = z.object({
  ok: z.boolean(),
  command: z.string().max(128),
  exit_code: z.int(),
  data: z.unknown(),
  error: errorShape.nullable(),
});

/** The one JSON object that the program prints for `--json`. `data` and `error` may both be null, also of a failure. */
export type Envelope = z.infer<typeof envelopeShape>;

/** Reads what stood on standard output; undefined for anything but exactly one whole envelope. */
export function readEnvelope(stdout: Uint8Array): Envelope | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(stdout);
    return envelopeShape.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

const mostShown = 300;

/** A line of the program's own words that may be shown: one line, printable, of bounded length. */
export function oneLine(text: string): string {
  const line = text
    .slice(0, 4 * mostShown)
    .replace(/[^\P{C}\n]/gu, '')
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > mostShown ? `${line.slice(0, mostShown)}…` : line;
}
