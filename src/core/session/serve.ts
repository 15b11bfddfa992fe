import { z } from 'zod';
import { sessionSummaryShape, transcriptItemShape } from '../../shared/view.ts';
import type { OwnerLease } from '../storage.ts';
import type { Session } from './api.ts';

/** What an owner tells the windows that look on, one JSON line each. */
export const onlookerLineShape = z.discriminatedUnion('t', [
  z.object({ t: z.literal('all'), summary: sessionSummaryShape, items: z.array(transcriptItemShape) }),
  z.object({ t: z.literal('items'), summary: sessionSummaryShape, items: z.array(transcriptItemShape) }),
  z.object({ t: z.literal('text'), id: z.string(), text: z.string() }),
  z.object({ t: z.literal('output'), id: z.string(), text: z.string() }),
  z.object({ t: z.literal('summary'), summary: sessionSummaryShape }),
]);

export type OnlookerLine = z.infer<typeof onlookerLineShape>;

/** Streams an owned session to the windows that look on. */
export function serveOnlookers(lease: OwnerLease, session: Session): void {
  const line = (message: OnlookerLine) => JSON.stringify(message);
  lease.onRequest((request, reply) => {
    if (request === 'all') {
      reply(line({ t: 'all', summary: session.summary(), items: [...session.transcript()] }));
    }
  });
  session.onDidChange((delta) => {
    if (delta.kind === 'text' || delta.kind === 'output') {
      lease.broadcast(line({ t: delta.kind, id: delta.id, text: delta.text }));
      return;
    }
    const summary = session.summary();
    if (delta.kind === 'items') lease.broadcast(line({ t: 'items', summary, items: [...delta.items] }));
    else if (delta.kind !== 'network') lease.broadcast(line({ t: 'summary', summary }));
  });
}
