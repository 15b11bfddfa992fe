import { z } from 'zod';
import { sessionSummaryShape, transcriptItemShape } from '../../shared/view.ts';
import type { OwnerLease } from '../storage.ts';
import type { OwnedSession } from './ownedSession.ts';
import type { Presence } from './presence.ts';

/** What an owner tells the windows that look on, one JSON line each. */
export const onlookerLineShape = z.discriminatedUnion('t', [
  z.object({ t: z.literal('all'), summary: sessionSummaryShape, items: z.array(transcriptItemShape) }),
  z.object({ t: z.literal('items'), summary: sessionSummaryShape, items: z.array(transcriptItemShape) }),
  z.object({ t: z.literal('text'), id: z.string(), text: z.string() }),
  z.object({ t: z.literal('output'), id: z.string(), text: z.string() }),
  z.object({ t: z.literal('summary'), summary: sessionSummaryShape }),
]);

export type OnlookerLine = z.infer<typeof onlookerLineShape>;

/** What a window that looks on may ask for: all there is to see, or to have the session where nobody is at its owner. */
export const requests = { all: 'all', have: 'have' } as const;

/** What the owner needs beside its session. */
interface OwnerParts {
  /** Absent: nobody is let have it. */
  readonly presence?: Presence;
  readonly log: (line: string) => void;
}

/** Streams an owned session to the windows that look on, and lets one of them have it. */
export function serveOnlookers(lease: OwnerLease, session: OwnedSession, { presence, log }: OwnerParts): void {
  const line = (message: OnlookerLine) => JSON.stringify(message);
  lease.onRequest((request, reply) => {
    if (request === requests.all) {
      reply(line({ t: 'all', summary: session.summary(), items: [...session.transcript()] }));
    } else if (request === requests.have && presence !== undefined) {
      session.giveWay(presence).catch((error: unknown) => log(`${session.id} was not given away: ${String(error)}`));
    }
  });
  session.onDidChange((delta) => {
    if (delta.kind === 'text' || delta.kind === 'output') {
      lease.broadcast(line({ t: delta.kind, id: delta.id, text: delta.text }));
      return;
    }
    const summary = session.summary();
    if (delta.kind === 'items') lease.broadcast(line({ t: 'items', summary, items: [...delta.items] }));
    else if (delta.kind !== 'network' && delta.kind !== 'given-away') lease.broadcast(line({ t: 'summary', summary }));
  });
}
