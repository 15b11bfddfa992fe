import type { Fault, FaultKind, Knobs } from './knobs.ts';
import { Refusal } from './refusals.ts';
import type { Loss } from './reply.ts';

/** What a fault does to one request. */
export interface Trouble {
  /** The connection breaks before anything is done. */
  readonly dropped: boolean;
  /** Nothing is ever answered, and the connection stays; `before`: nothing is done either. */
  readonly hangs?: 'before' | 'after';
  /** The host of the computer goes away first. */
  readonly interrupts: boolean;
  /** Answered instead of doing it. */
  readonly instead?: Refusal;
  /** Answered after doing it. */
  readonly after?: Refusal;
  readonly loss: Loss;
}

const none: Trouble = { dropped: false, interrupts: false, loss: undefined };

/** Counts requests, and says which of them meet trouble. */
export class Gate {
  readonly #knobs: Knobs;
  readonly #matches = new Map<Fault, number>();
  #recent: number[] = [];

  constructor(knobs: Knobs) {
    this.#knobs = knobs;
  }

  /** What happens to the next request. */
  next(request: string): Trouble {
    let trouble = none;
    for (const fault of this.#knobs.faults) {
      if (fault.match !== undefined && !request.includes(fault.match)) continue;
      const count = (this.#matches.get(fault) ?? 0) + 1;
      this.#matches.set(fault, count);
      if (count === fault.at) trouble = troubleOf(fault.kind, this.#knobs);
    }
    return trouble;
  }

  /** Throws the service's 429 where too many requests came. */
  checkRate(): void {
    const limit = this.#knobs.rateLimit;
    if (limit === undefined) return;
    const now = Date.now();
    this.#recent = this.#recent.filter((at) => at > now - limit.perMs);
    if (this.#recent.length >= limit.requests) throw tooMany(this.#knobs, (this.#recent[0] ?? now) + limit.perMs - now);
    this.#recent.push(now);
  }
}

function tooMany({ retryAfter }: Knobs, waitMs: number): Refusal {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  const value = retryAfter === 'date' ? new Date(Date.now() + seconds * 1000).toUTCString() : String(seconds);
  return new Refusal(429, { detail: 'Too many requests' }, retryAfter === 'none' ? {} : { 'retry-after': value });
}

const faultBodies: Readonly<Record<Knobs['faultBody'], (status: number) => unknown>> = {
  text: (status) => ({ detail: `Fault ${status}` }),
  list: (status) => ({ detail: [{ loc: [], msg: `Fault ${status}`, type: 'fault' }] }),
  html: (status) => `<html><body><h1>${status}</h1></body></html>`,
  empty: () => '',
};

function troubleOf(kind: FaultKind, knobs: Knobs): Trouble {
  switch (kind) {
    case 'drop-before':
      return { ...none, dropped: true };
    case 'hang-before':
      return { ...none, hangs: 'before' };
    case 'hang-after':
      return { ...none, hangs: 'after' };
    case 'drop-after':
      return { ...none, loss: 'whole' };
    case 'truncate':
      return { ...none, loss: 'half' };
    case 'no-exit':
      return { ...none, loss: 'end' };
    case 'interrupt':
      return { ...none, interrupts: true };
    default: {
      const status = Number.parseInt(kind, 10);
      const answer = status === 429 ? tooMany(knobs, 1000) : new Refusal(status, faultBodies[knobs.faultBody](status));
      return kind.endsWith('-after') ? { ...none, after: answer } : { ...none, instead: answer };
    }
  }
}
