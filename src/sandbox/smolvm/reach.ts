import { setTimeout as sleep } from 'node:timers/promises';
import { AirlockError, fail, problem, problemOf, type Problem } from '../../core/problem.ts';
import type { Vm } from './vm.ts';

/** The program refuses a start for a while where direct connections have just used the port (TIME_WAIT is 60 s). */
const portFreeWithinMs = 75_000;
const askAgainMs = 3000;

/** Brings a microVM to life, whatever state it is in. Throws a sentence where that cannot be done. */
export async function reachRunning(vm: Vm, signal: AbortSignal): Promise<'was-running' | 'started' | 'gone'> {
  const seen = await vm.look(signal);
  switch (seen.kind) {
    case 'running':
      return 'was-running';
    case 'gone':
      return 'gone';
    case 'failed':
      throw new AirlockError(failed());
    case 'paused':
      await vm.resume(signal);
      return 'was-running';
    case 'dead':
      // Told to stop before anything lists it, the program keeps its disk.
      await vm.stop();
      break;
    case 'stopped':
      break;
  }
  await start(vm, signal);
  return 'started';
}

export function failed(): Problem {
  const detail =
    'SmolVM has marked this microVM as failed and can only delete it. What was taken home is kept; start another one.';
  return problem('sandbox-start-failed', detail, { delivery: 'maybe-sent', fix: 'show-computers' });
}

async function start(vm: Vm, signal: AbortSignal): Promise<void> {
  const until = Date.now() + portFreeWithinMs;
  for (;;) {
    try {
      await vm.start(signal);
      return;
    } catch (error) {
      const inUse = /already in use/.test(problemOf(error, 'sandbox-start-failed').detail);
      if (!inUse || Date.now() > until) throw error;
    }
    await sleep(askAgainMs, undefined, { signal }).catch(() => fail('aborted', 'It was cancelled.'));
  }
}
