import type { Published } from '../sandbox.ts';
import type { LoggedEvent } from '../session/events.ts';

/** A port that is, or may be, open to everybody on the internet. */
export interface Publication {
  readonly port: number;
  /** Absent while it is not known whether publishing came about. */
  readonly url?: Published['url'];
  /** Milliseconds since the epoch after which it is taken back; absent where it was not published from here. */
  readonly until?: number;
}

/** What was published and not taken back, from the session's log; without its address where the answer was lost. */
export function publications(events: readonly LoggedEvent[]): Map<number, Publication> {
  const open = new Map<number, Publication>();
  for (const { event } of events) {
    if (event.t === 'publish-intent') open.set(event.port, { port: event.port, until: event.until });
    const known = event.t === 'published' ? open.get(event.port) : undefined;
    if (event.t === 'published' && known !== undefined) open.set(event.port, { ...known, url: event.url });
    if (event.t === 'unpublished') open.delete(event.port);
  }
  return open;
}
