import type { Step } from '../../../core/sandbox.ts';
import { startOf } from './call.ts';
import { oneLine } from './envelope.ts';
import { runInterruptible } from './interruptible.ts';
import type { Program } from './program.ts';

const downloadWithinMs = 60 * 60_000;
const mostTail = 8192;

/** Has a terminal's progress drawn into a pipe, and wide enough that no number is cut off. */
const drawn = { FORCE_COLOR: '1', COLUMNS: '160' };

/**
 * Downloads the published image of Ubuntu where it is not there yet, and tells how far it is: `create` would do the same
 * in silence. What keeps it from coming is said by the create that follows.
 *
 * @param backend the one that will boot it
 */
export async function pullImage(
  program: Program,
  backend: string,
  step: (s: Step) => void,
  signal: AbortSignal,
): Promise<void> {
  const { machine, log } = program.ground;
  const found = await program.found(signal);
  const args = ['image', 'pull', 'ubuntu', '--os', 'ubuntu', '--vmm', backend];
  const meter = downloadMeter(step);
  const limits = { withinMs: downloadWithinMs, signal };
  const ran = await runInterruptible(machine, startOf(found.program, args, drawn), limits, meter);
  if (ran.code !== 0) log(`${found.name} image pull: ${oneLine(Buffer.from(ran.stderr).toString())}`);
}

/** Reads the progress that the program draws, piece by piece, and tells each new state of it. */
function downloadMeter(step: (s: Step) => void): (bytes: Uint8Array) => void {
  const decoder = new TextDecoder();
  let tail = '';
  let told = '';
  return (bytes) => {
    tail = (tail + decoder.decode(bytes, { stream: true })).slice(-mostTail);
    const detail = lastProgress(tail);
    if (detail === undefined || detail === told) return;
    told = detail;
    step({ title: 'Downloading the image', detail });
  };
}

const colour = new RegExp(String.raw`\u001b\[[0-9;?]*[A-Za-z]`, 'g');
const progress = /Downloading ([\w-]{1,40})\s[^\d\r\n]*([\d.,]+)\/([\d.,]+|\?) (bytes|[kMGT]B)/g;

function lastProgress(text: string): string | undefined {
  const last = [...text.replace(colour, '').matchAll(progress)].at(-1);
  if (last === undefined) return undefined;
  const [, what = '', done = '', all = '', unit = ''] = last;
  if (all === '?') return `${what}: ${done} ${unit}`;
  const share = numberOf(done) / numberOf(all);
  const percent = Number.isFinite(share) ? ` (${Math.min(100, Math.floor(100 * share))} %)` : '';
  return `${what}: ${done} of ${all} ${unit}${percent}`;
}

function numberOf(text: string): number {
  return Number(text.replaceAll(',', ''));
}
