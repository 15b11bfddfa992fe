import { setTimeout as wait } from 'node:timers/promises';
import type { Machine } from '../../../core/machine.ts';
import { fail } from '../../../core/problem.ts';
import { creatorsOf } from './emulators.ts';

const pollMs = 200;
/** An image may have to be fetched or built first. */
const overWithinMs = 15 * 60_000;

/**
 * Waits until no command creates that virtual machine any more: one that is killed between the emulator's start and its
 * record leaves what the program knows nothing of. Throws `aborted`, and `deadline` where it goes on and on.
 */
export async function untilOver(machine: Machine, name: string, signal: AbortSignal): Promise<void> {
  const until = Date.now() + overWithinMs;
  while ((await creatorsOf(machine, name)).length > 0) {
    if (signal.aborted) return fail('aborted', 'It was cancelled.', { delivery: 'maybe-sent' });
    if (Date.now() > until) return fail('deadline', 'SmolVM still works at this microVM.', { delivery: 'maybe-sent' });
    await wait(pollMs);
  }
}
