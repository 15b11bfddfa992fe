import { z } from 'zod';
import { fail } from '../core/problem.ts';
import { logEventShape, type LogEvent, type LoggedEvent } from '../core/session/events.ts';
import type { SessionLog } from '../core/storage.ts';
import { RecordFile } from './recordFile.ts';

const lineShape = z.object({ seq: z.number().int().nonnegative(), at: z.number(), event: z.unknown() });

/**
 * Opens a session's log. Records of kinds that this version does not know stay in the file and keep their number, but
 * are passed over in `events`. A log opened `readOnly` refuses to append with `newer-schema`.
 */
export async function openSessionLog(path: string, options: { readOnly?: boolean } = {}): Promise<SessionLog> {
  const { file, records } = await RecordFile.open(path);
  const events: LoggedEvent[] = [];
  const listeners = new Set<(event: LoggedEvent) => void>();
  let nextSeq = 0;
  for (const record of records) {
    const line = lineShape.safeParse(record);
    if (!line.success) continue;
    const { seq, at } = line.data;
    nextSeq = Math.max(nextSeq, seq + 1);
    const event = logEventShape.safeParse(line.data.event);
    if (event.success) events.push({ seq, at, event: event.data });
  }

  return {
    events,
    append: async (event: LogEvent, { durable = false } = {}) => {
      if (options.readOnly === true) fail('newer-schema', 'This session was written by a newer Airlock.');
      const logged = { seq: nextSeq, at: Date.now(), event };
      nextSeq += 1;
      await file.append(logged, durable);
      events.push(logged);
      for (const listener of listeners) listener(logged);
      return logged;
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      listeners.clear();
      await file.close();
    },
  };
}
