import { setTimeout as sleep } from 'node:timers/promises';
import { fail, problem } from '../../core/problem.ts';
import type { Settled } from '../../core/sandbox.ts';
import type { Api, Computer } from './api/client.ts';
import { CallFailed } from './api/http.ts';

const firstPauseMs = 200;
const longestPauseMs = 2000;
const deadlineMs = 180_000;
/** A saved computer is restored by the service itself; after this we ask. */
const restoreByItselfMs = 15_000;

export interface Watch {
  readonly signal?: AbortSignal | undefined;
  /** Told at each change, in words for people. */
  readonly told?: (what: string) => void;
}

/** True for a failure that says that there is no such computer. */
export function isGone(error: unknown): boolean {
  return error instanceof CallFailed && error.status === 404;
}

/**
 * Brings a computer to `running` and waits for it, whatever state it is in, also states that are not known. Answers
 * `gone` where it was deleted. Throws `CallFailed`, and `sandbox-start-failed` for an error state or past the deadline.
 */
export async function reachRunning(api: Api, id: string, watch: Watch): Promise<Computer | 'gone'> {
  const began = Date.now();
  let asked: string | undefined;
  let last: Computer | undefined;
  for await (const computer of states(api, id, watch)) {
    if (computer === 'gone') return 'gone';
    last = computer;
    switch (computer.status) {
      case 'running':
        return computer;
      case 'error':
      case 'lost':
        return fail('sandbox-start-failed', `The computer ${computer.name} failed: delete it and start another one.`, {
          delivery: 'maybe-sent',
          fix: 'show-computers',
        });
      case 'stopped':
      case 'restorable': {
        const ready = computer.status === 'stopped' || Date.now() - began > restoreByItselfMs;
        if (!ready || asked === computer.status) break;
        asked = computer.status;
        await tolerant(() => api.start(id, watch.signal));
        break;
      }
      default:
        asked = undefined;
    }
  }
  return tooSlow(last);
}

/** Stops a computer and waits until it is verified off. Gone is done. */
export async function reachStopped(api: Api, id: string, watch: Watch): Promise<Settled> {
  let asked = false;
  let last: Computer | undefined;
  for await (const computer of states(api, id, watch)) {
    if (computer === 'gone' || computer.status === 'stopped') return { kind: 'done' };
    last = computer;
    if (computer.status === 'running' || computer.status === 'error') {
      if (!asked) await tolerant(() => api.stop(id, watch.signal));
      asked = true;
    }
  }
  return stillThere(last, 'stopped');
}

/** Deletes a computer and waits until that is confirmed: by 404 or by the state `deleted`. */
export async function reachGone(api: Api, id: string, watch: Watch): Promise<Settled> {
  let asked = false;
  let last: Computer | undefined;
  await tolerant(() => api.delete(id, watch.signal));
  for await (const computer of states(api, id, watch)) {
    if (computer === 'gone') return { kind: 'done' };
    // A conflict at first, as while it was being made: asked once more when it has come to rest.
    const resting = ['running', 'stopped', 'error', 'lost'].includes(computer.status);
    if (resting && last !== undefined && !asked) {
      asked = true;
      await tolerant(() => api.delete(id, watch.signal));
    } else if (resting && last?.status !== computer.status) {
      asked = false;
    }
    last = computer;
  }
  return stillThere(last, 'deleted');
}

/** The computer's states as they are read, at growing distances, until the deadline. `deleted` reads as gone. */
async function* states(api: Api, id: string, watch: Watch): AsyncGenerator<Computer | 'gone'> {
  const until = Date.now() + deadlineMs;
  let pause = firstPauseMs;
  let seen: string | undefined;
  while (Date.now() < until) {
    const computer = await api.get(id, watch.signal).catch((error: unknown) => {
      if (isGone(error)) return 'gone' as const;
      throw error;
    });
    const status = computer === 'gone' ? 'gone' : computer.status;
    if (status !== seen) {
      watch.told?.(status);
      pause = firstPauseMs;
    }
    seen = status;
    yield computer === 'gone' || status === 'deleted' ? 'gone' : computer;
    await sleep(pause, undefined, watch.signal === undefined ? {} : { signal: watch.signal }).catch(cancelled);
    pause = Math.min(pause * 1.4, longestPauseMs);
  }
}

/** A conflict or an absence is no failure here: what is true is read next. So is an answer that was lost. */
async function tolerant(ask: () => Promise<unknown>): Promise<void> {
  try {
    await ask();
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    const lost = error.problem.id === 'unreachable' || error.problem.id === 'service-failed';
    const passes = error.status === 404 || error.status === 409 || (lost && error.problem.delivery === 'maybe-sent');
    if (!passes) throw error;
  }
}

function cancelled(): never {
  return fail('aborted', 'It was cancelled.', { delivery: 'maybe-sent' });
}

function tooSlow(last: Computer | undefined): never {
  const state = last === undefined ? '' : ` It is ${shown(last.status)}.`;
  return fail('sandbox-start-failed', `The computer did not start in time.${state}`, {
    delivery: 'maybe-sent',
    fix: 'retry',
  });
}

function stillThere(last: Computer | undefined, goal: string): Settled {
  const state = last === undefined ? 'not known' : shown(last.status);
  const detail = `The computer was asked to be ${goal} and is ${state}.`;
  return { kind: 'unknown', problem: problem('sandbox-lost', detail, { delivery: 'maybe-sent', fix: 'retry' }) };
}

const stateWords: Readonly<Record<string, string>> = {
  creating: 'it is being made',
  starting: 'it starts',
  restorable: 'it will be restored',
  restoring: 'it is being restored',
};

/** What a computer does that is waited for. */
export function inWords(status: string): string {
  return Object.hasOwn(stateWords, status) ? (stateWords[status] ?? '') : `it is ${shown(status)}`;
}

/** A state's name comes from outside and is shown. */
export function shown(status: string): string {
  return status.replace(/[^a-z_-]/gi, '?').slice(0, 40);
}
