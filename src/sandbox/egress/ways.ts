import type { Socket } from 'node:net';
import { mintId } from '../../shared/ids.ts';
import type { Connection } from '../../core/network/connections.ts';
import type { Refusal } from '../../core/network/refusal.ts';
import type { EgressGate } from '../../core/network/egress.ts';
import type { Target } from '../../core/network/hostRule.ts';
import type { Outside } from './outside.ts';

const dialWithinMs = 20_000;

/** A dialled connection, or why there is none. */
export type Opened = { readonly ok: true; readonly way: Way } | { readonly ok: false; readonly why: Refusal };

/** A connection to the outside that the gate let through, for as long as it lasts. */
export interface Way {
  readonly socket: Socket;
  /** Ends it because of what was found later, and says so. */
  refuse(why: Refusal): void;
}

interface Live extends Way {
  readonly target: Target;
  readonly addresses: readonly string[];
}

/**
 * All connections of one sandbox to the outside: asked for, judged, dialled, counted and told. A name is resolved once,
 * and what it resolved to is judged and dialled.
 */
export class Ways {
  readonly #gate: EgressGate;
  readonly #outside: Outside;
  readonly #live = new Set<Live>();
  readonly #closing = new AbortController();

  constructor(gate: EgressGate, outside: Outside) {
    this.#gate = gate;
    this.#outside = outside;
  }

  /** Opens a connection where the gate lets it. Never rejects; every outcome is told. */
  async open(target: Target): Promise<Opened> {
    const asked = this.#gate.decide(target);
    if (!asked.ok) return this.#not(target, 'refused', asked.why);
    const addresses = await this.#outside.resolve(target.host).catch(() => []);
    if (addresses.length === 0) return this.#not(target, 'failed', 'unknown-host');
    const judged = this.#gate.judge(target, addresses, this.#outside.own());
    if (!judged.ok) return this.#not(target, 'refused', judged.why);
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(dialWithinMs)]);
    const socket = await this.#outside.dial(addresses, target.port, signal).catch(() => undefined);
    if (socket === undefined) return this.#not(target, 'failed', 'unreachable');
    const live = this.#hold(target, addresses, socket);
    // What was allowed when it was asked for may have been taken back while it was dialled.
    this.recheck();
    return socket.destroyed ? { ok: false, why: 'taken-back' } : { ok: true, way: live };
  }

  /** Tells of a request that is refused before there is anything to ask the gate. */
  tell(target: Target, why: Refusal): void {
    this.#not(target, 'refused', why);
  }

  /** Ends those that the gate would no longer let through. */
  recheck(): void {
    const own = this.#outside.own();
    for (const live of this.#live) {
      const { target, addresses } = live;
      if (!this.#gate.decide(target).ok || !this.#gate.judge(target, addresses, own).ok) live.refuse('taken-back');
    }
  }

  /** Ends all, also those that are being dialled. */
  close(): void {
    this.#closing.abort();
    for (const { socket } of this.#live) socket.destroy();
  }

  #not(target: Target, state: 'refused' | 'failed', why: Refusal): Opened & { ok: false } {
    const told = { id: mintId('op'), target, at: Date.now(), sent: 0, received: 0, times: 1 };
    this.#gate.report({ ...told, state, why });
    return { ok: false, why };
  }

  #hold(target: Target, addresses: readonly string[], socket: Socket): Live {
    const [id, at] = [mintId('op'), Date.now()];
    let refused: Refusal | undefined;
    const report = (state: Connection['state'], why?: Refusal) => {
      const { bytesWritten: sent, bytesRead: received } = socket;
      this.#gate.report({ id, target, at, state, ...(why === undefined ? {} : { why }), sent, received, times: 1 });
    };
    const live: Live = {
      target,
      addresses,
      socket,
      refuse: (why) => {
        refused = why;
        socket.destroy();
      },
    };
    this.#live.add(live);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.#live.delete(live);
      report(refused === undefined || refused === 'taken-back' ? 'closed' : 'refused', refused);
    });
    report('open');
    return live;
  }
}
