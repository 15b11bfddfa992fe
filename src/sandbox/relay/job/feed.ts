import { setTimeout as sleep } from 'node:timers/promises';
import type { Commands } from './commands.ts';
import type { InputPiece } from './input.ts';
import { inputRecord, record } from './records.ts';
import type { Followed } from './way.ts';

/** Brings input to a job, where the way on which it is followed leads in one direction. */
export interface Feeder {
  /** Resolves when the job heard it. Throws where it cannot be reached. */
  bring(op: string, piece: InputPiece, signal: AbortSignal): Promise<void>;
  /** Tells that the input ends at `length`. Throws as {@link bring}. */
  end(op: string, length: number, signal: AbortSignal): Promise<void>;
}

/** What a job that was told something answers. */
type Heard = Awaited<ReturnType<Commands['tell']>>;

/** Brings a job's input while its answer is read. */
export async function whileFed(feeder: Feeder, job: Followed, work: () => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const feeding = feed(feeder, job, stop.signal);
  try {
    await work();
  } finally {
    stop.abort();
    await feeding;
  }
}

async function feed(feeder: Feeder, { op, input, over }: Followed, stop: AbortSignal): Promise<void> {
  if (input === undefined) return;
  const signal = AbortSignal.any([stop, over]);
  try {
    for await (const piece of input.from(input.taken, signal)) await feeder.bring(op, piece, signal);
    if (!signal.aborted && !input.closed) await feeder.end(op, input.length ?? 0, signal);
  } catch {
    // What was not taken is brought again with the next answer.
  }
}

/** Brings input in pieces that are each a request. */
export function byRequests(commands: Commands): Feeder {
  // A piece tells where it begins.
  const most = commands.pieceBytes - 100;
  return {
    bring: async (op, { offset, bytes }, signal) => {
      for (let at = 0; at < bytes.length && !signal.aborted; at += most) {
        const told = inputRecord(offset + at, bytes.subarray(at, at + most));
        await untilThere(() => commands.tell(op, told), signal);
      }
    },
    end: async (op, length, signal) => {
      await untilThere(() => commands.tell(op, record('Z', String(length))), signal);
    },
  };
}

/** The job may not be there yet: it is begun by a request that runs at the same time. */
export async function untilThere<T>(tell: () => Promise<T | Heard>, signal: AbortSignal): Promise<T | Heard> {
  for (let at = 0; at < 50 && !signal.aborted; at += 1) {
    const heard = await tell();
    if (heard !== 'none') return heard;
    await sleep(100);
  }
  return 'none';
}
