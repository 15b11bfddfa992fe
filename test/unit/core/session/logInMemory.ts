import { Recorder } from '../../../../src/core/session/recorder.ts';
import type { LogEvent, LoggedEvent } from '../../../../src/core/session/events.ts';

/** A recorder over a log that is kept in memory, and what was appended to it. */
export function recorderInMemory(...events: readonly LogEvent[]): { recorder: Recorder; events: LoggedEvent[] } {
  const all: LoggedEvent[] = events.map((event, seq) => ({ seq, at: seq, event }));
  const listeners = new Set<(event: LoggedEvent) => void>();
  const recorder = new Recorder({
    events: all,
    append: (event) => {
      const logged = { seq: all.length, at: all.length, event };
      all.push(logged);
      for (const listener of listeners) listener(logged);
      return Promise.resolve(logged);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => Promise.resolve(),
  });
  return { recorder, events: all };
}
