import type { Machine, Ran, SpawnRequest } from '../../../core/machine.ts';
import type { CallLimits } from './call.ts';

const mostKept = 1024 * 1024;
/** How long the program may take to tidy up after an interrupt. */
const politeMs = 5000;

/**
 * Runs a command that is interrupted, as by Ctrl-C, when it is cancelled or late: so it takes back half a download, which
 * a plain end would leave. Never rejects.
 *
 * @param heard is told what arrives on standard output; the last MiB is kept
 */
export async function runInterruptible(
  machine: Machine,
  request: SpawnRequest,
  { withinMs, signal }: CallLimits,
  heard: (bytes: Uint8Array) => void = () => undefined,
): Promise<Ran> {
  const nothing = { code: undefined, signal: undefined, stdout: new Uint8Array(), stderr: new Uint8Array() };
  if (signal?.aborted === true) return { ...nothing, endedBy: 'abort' };
  let child;
  try {
    child = await machine.start({ ...request, stdin: new Uint8Array() });
  } catch (error) {
    return { ...nothing, stderr: Buffer.from(String(error)), endedBy: 'spawn-error' };
  }
  let endedBy: Ran['endedBy'];
  let force: NodeJS.Timeout | undefined;
  const end = (why: NonNullable<Ran['endedBy']>) => {
    endedBy ??= why;
    child.kill('SIGINT');
    force ??= setTimeout(() => child.kill('SIGKILL'), politeMs);
  };
  const cancel = () => end('abort');
  const late = setTimeout(() => end('timeout'), withinMs);
  signal?.addEventListener('abort', cancel, { once: true });
  const [stdout, stderr, exited] = await Promise.all([
    lastOf(child.stdio.read, heard),
    lastOf(child.stderr),
    child.exited,
  ]);
  clearTimeout(late);
  clearTimeout(force);
  signal?.removeEventListener('abort', cancel);
  return { ...exited, stdout, stderr, ...(endedBy === undefined ? {} : { endedBy }) };
}

async function lastOf(
  stream: AsyncIterable<Uint8Array>,
  heard: (bytes: Uint8Array) => void = () => undefined,
): Promise<Uint8Array> {
  let kept = Buffer.alloc(0);
  try {
    for await (const bytes of stream) {
      heard(bytes);
      kept = Buffer.concat([kept, bytes]);
      if (kept.length > mostKept) kept = kept.subarray(kept.length - mostKept);
    }
  } catch {
    // It ended in the middle: what has come is what there is.
  }
  return kept;
}
