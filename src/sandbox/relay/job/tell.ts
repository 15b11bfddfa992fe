import { setTimeout as sleep } from 'node:timers/promises';
import { askAgainMs, usualPatience } from './limits.ts';
import { record } from './records.ts';
import type { Ways } from './way.ts';

type Heard = Awaited<ReturnType<Ways['tell']>>;

/**
 * Asks a job to end until it has heard it, then gives it time to verify. Resolves when it is over or that time is. `asked` is
 * called once it was asked: what it says of its end comes behind its output.
 */
export async function askToEnd(
  ways: Ways,
  op: string,
  over: AbortSignal,
  asked: () => void = () => undefined,
): Promise<void> {
  const { answerWithinMs } = ways.patience ?? usualPatience;
  const limit = AbortSignal.any([over, AbortSignal.timeout(answerWithinMs)]);
  let heard = false;
  while (!limit.aborted) {
    const answer: Heard | undefined = heard
      ? undefined
      : await tell(ways, op, record('Q'), limit).catch(() => undefined);
    heard ||= answer === 'ok' || answer === 'over';
    asked();
    await sleep(askAgainMs, undefined, { signal: limit }).catch(() => undefined);
  }
}

/** Sends a signal to a command, once: a job that is just being begun is told when it is there. */
export async function sendSignal(ways: Ways, op: string, name: string, over: AbortSignal): Promise<void> {
  for (let at = 0; at < 20 && !over.aborted; at += 1) {
    const answer = await tell(ways, op, record('K', name), over).catch(() => undefined);
    if (answer !== 'none') return;
    await sleep(askAgainMs, undefined, { signal: over }).catch(() => undefined);
  }
}

/** Undefined where nothing answers in time: what holds a command may have been stopped by it. */
async function tell(ways: Ways, op: string, records: Uint8Array, limit: AbortSignal): Promise<Heard | undefined> {
  const { hearWithinMs } = ways.patience ?? usualPatience;
  const silence = AbortSignal.any([limit, AbortSignal.timeout(hearWithinMs)]);
  let give = () => {};
  const silent = new Promise<undefined>((resolve) => {
    give = () => resolve(undefined);
    silence.addEventListener('abort', give, { once: true });
    if (silence.aborted) give();
  });
  try {
    return await Promise.race([ways.tell(op, records, silence), silent]);
  } finally {
    silence.removeEventListener('abort', give);
  }
}
