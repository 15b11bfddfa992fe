import type { LoggedEvent } from './events.ts';

/** The conversation so far, as the agent handed its items over; the next turn goes on from here. */
export function conversation(events: readonly LoggedEvent[]): readonly unknown[] {
  return events.flatMap(({ event }) => (event.t === 'items' ? event.items : []));
}
