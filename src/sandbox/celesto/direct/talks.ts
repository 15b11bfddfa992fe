import type { Begin } from './connection.ts';
import { Talk, type TalkParts } from './talk.ts';

/** The scripts of ours that each have a terminal of the computer to themselves now. */
export class Talks {
  readonly #parts: TalkParts;
  readonly #open = new Set<Talk>();

  constructor(parts: TalkParts) {
    this.#parts = parts;
  }

  readonly begin: Begin = (script, events) => {
    const talk = new Talk(this.#parts, script, {
      ...events,
      closed: (why) => {
        this.#open.delete(talk);
        events.closed(why);
      },
    });
    this.#open.add(talk);
    return talk;
  };

  /** Ends them all; a later need begins anew. */
  close(): void {
    for (const talk of [...this.#open]) talk.close();
  }
}
