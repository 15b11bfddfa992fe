import { problem } from '../../../core/problem.ts';
import type { Commands, Shell } from './commands.ts';
import { AnswerLines } from './lines.ts';
import { inputRecord, record } from './records.ts';
import { brokenBy, type Followed, type Way, type WayEnd } from './way.ts';

/** Less than a job keeps of its log: what was sent and is not yet known to have arrived can be sent again. */
export const window = 768 * 1024;
/** An answer comes when there is something, or after so many seconds. */
const answerSeconds = 20;

/** Answers that come when there is something to tell: one command line inside for each. */
export function requestWay(shell: Shell, commands: Commands, broken = brokenBy): Way {
  const follow = async (job: Followed, begin: boolean): Promise<WayEnd> => {
    const lines = new AnswerLines(job);
    try {
      await whileFed(commands, job, async () => {
        const how = { window, seconds: answerSeconds, quiet: 5 };
        const command = await commands.follow(job, begin, how);
        lines.push(`${await shell.run(command, answerSeconds + 30, !begin, job.over)}\n`);
      });
      return endOf(lines);
    } catch (error) {
      return broken(error);
    }
  };
  return { name: 'requests', follow };
}

/** What the last word of an answer means. */
export function endOf({ word }: AnswerLines): WayEnd {
  switch (word) {
    case 'end':
      return { kind: 'complete' };
    case 'more':
      return { kind: 'more', much: true };
    case 'idle':
      return { kind: 'more', much: false };
    case 'dup':
    case 'none':
    case 'lost':
    case 'failed':
      return { kind: 'refused', word };
    default: {
      const detail = 'The answer to a command broke off.';
      return { kind: 'broken', problem: problem('unreachable', detail, { delivery: 'maybe-sent' }) };
    }
  }
}

/** Sends a job's input while its answer is read. */
export async function whileFed(commands: Commands, job: Followed, work: () => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const feeding = feed(commands, job, stop.signal);
  try {
    await work();
  } finally {
    stop.abort();
    await feeding;
  }
}

/** Sends a command's input in pieces, each a request, for as long as its answer is read. */
async function feed(commands: Commands, job: Followed, stop: AbortSignal): Promise<void> {
  const { input } = job;
  if (input === undefined) return;
  const signal = AbortSignal.any([stop, job.over]);
  // A piece tells where it begins.
  const most = commands.pieceBytes - 100;
  try {
    for await (const { offset, bytes } of input.from(input.taken, signal)) {
      for (let at = 0; at < bytes.length && !signal.aborted; at += most) {
        const piece = bytes.subarray(at, at + most);
        await untilHeard(commands, job, inputRecord(offset + at, piece), signal);
      }
    }
    if (!signal.aborted && !input.closed)
      await untilHeard(commands, job, record('Z', String(input.length ?? 0)), signal);
  } catch {
    // What was not taken is sent again with the next request.
  }
}

/** The job may not be there yet: it is begun by a request that runs at the same time. */
async function untilHeard(commands: Commands, job: Followed, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  for (let at = 0; at < 50 && !signal.aborted; at += 1) {
    if ((await commands.ask(['ctl', job.op], bytes, true)) !== 'none') return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
