import type { LoggedEvent } from './events.ts';

/** The conversation so far, as the agent handed its items over; the next turn goes on from here. */
export function conversation(events: readonly LoggedEvent[]): readonly unknown[] {
  return events.flatMap(({ event }) => (event.t === 'items' ? event.items : []));
}

/** The prompt of the turn that an earlier window left unfinished, if the last turn is one. */
export function interruptedPrompt(events: readonly LoggedEvent[]): string | undefined {
  const lastStart = events.findLast(({ event }) => event.t === 'turn-started')?.event;
  const lastEnd = events.findLast(({ event }) => event.t === 'turn-ended')?.event;
  if (lastStart?.t !== 'turn-started' || lastEnd?.t !== 'turn-ended') return undefined;
  return lastEnd.turn === lastStart.turn && lastEnd.how === 'interrupted' ? lastStart.prompt : undefined;
}
