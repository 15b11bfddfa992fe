import type { Refusal } from './refusal.ts';
import type { Target } from './hostRule.ts';

/** One connection that a program inside asked for. */
export interface Connection {
  /** Unique in its session. */
  readonly id: string;
  readonly target: Target;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** `refused`: by the rules. `failed`: allowed, but it did not come about. */
  readonly state: 'open' | 'closed' | 'refused' | 'failed';
  readonly why?: Refusal;
  /** Bytes that left and that came, TLS and heads included. */
  readonly sent: number;
  readonly received: number;
  /** How often the same was asked for in a row of refusals. */
  readonly times: number;
}

const mostKept = 500;

/** The last connections, newest first. The same refusal again counts up the one that is there. */
export class ConnectionLog {
  readonly #byId = new Map<string, Connection>();
  readonly #refusals = new Map<string, string>();

  /** Takes in how a connection stands; answers with what is now kept of it, and whether it is new. */
  add(connection: Connection): { readonly kept: Connection; readonly isNew: boolean } {
    const known = this.#known(connection);
    const isNew = known === undefined;
    const kept = known === undefined || known.id === connection.id ? connection : counted(known, connection);
    // Set anew, so that the map's order is the order of news.
    if (kept.state === 'refused') {
      this.#byId.delete(kept.id);
      this.#refusals.set(refusalKey(kept), kept.id);
    }
    this.#byId.set(kept.id, kept);
    this.#forgetOld();
    return { kept, isNew };
  }

  newestFirst(): readonly Connection[] {
    return [...this.#byId.values()].toReversed();
  }

  #known(connection: Connection): Connection | undefined {
    const same = this.#byId.get(connection.id);
    if (same !== undefined || connection.state !== 'refused') return same;
    const id = this.#refusals.get(refusalKey(connection));
    return id === undefined ? undefined : this.#byId.get(id);
  }

  #forgetOld(): void {
    for (const [id, connection] of this.#byId) {
      if (this.#byId.size <= mostKept) return;
      this.#byId.delete(id);
      if (this.#refusals.get(refusalKey(connection)) === id) this.#refusals.delete(refusalKey(connection));
    }
  }
}

function counted(known: Connection, again: Connection): Connection {
  return { ...known, at: again.at, times: known.times + again.times };
}

function refusalKey({ target, why }: Connection): string {
  return `${target.host}:${target.port} ${why ?? ''}`;
}
