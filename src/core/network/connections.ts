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

/** Refusals that are kept, and connections that ended: neither can push the other out. */
const mostKept = { refused: 250, ended: 250 };

/**
 * The last connections, newest first; one that is open stays. The same refusal again counts up the one that is there.
 */
export class ConnectionLog {
  readonly #byId = new Map<string, Connection>();
  readonly #refusals = new Map<string, string>();
  /** Ids in the order in which they were refused last, and in which they ended. */
  readonly #order = { refused: new Set<string>(), ended: new Set<string>() };

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
    if (kept.state !== 'open') this.#forgetOld(kept.state === 'refused' ? 'refused' : 'ended', kept.id);
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

  #forgetOld(kind: 'refused' | 'ended', newest: string): void {
    const order = this.#order[kind];
    order.delete(newest);
    order.add(newest);
    const [oldest] = order;
    if (order.size <= mostKept[kind] || oldest === undefined) return;
    order.delete(oldest);
    const forgotten = this.#byId.get(oldest);
    this.#byId.delete(oldest);
    if (forgotten !== undefined && kind === 'refused') this.#refusals.delete(refusalKey(forgotten));
  }
}

function counted(known: Connection, again: Connection): Connection {
  return { ...known, at: again.at, times: known.times + again.times };
}

function refusalKey({ target, why }: Connection): string {
  return `${target.host}:${target.port} ${why ?? ''}`;
}
