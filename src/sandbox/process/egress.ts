import { connect, type Socket } from 'node:net';
import type { Egress, EgressGate } from '../../core/network/egress.ts';
import { fail } from '../../core/problem.ts';
import type { Outside } from '../egress/outside.ts';
import { EgressProxy } from '../egress/proxy.ts';
import { firstAnswer } from './firstAnswer.ts';
import { openLink, type Link } from './link.ts';
import { line, protocolVersion } from './wire.ts';

/** Connections that stand ready for programs inside, and most that are there in all. */
const ready = 8;
const most = 128;
const againAfterMs = 250;

/**
 * Opens the way out: one connection holds the network on, others wait for programs inside that want out. All of them are
 * ours, so there is nothing in the sandbox that leads anywhere by itself, and all ends with this process.
 */
export async function openEgress(socketPath: string, gate: EgressGate, outside: Outside): Promise<OpenEgress> {
  const egress = new OpenEgress(socketPath, new EgressProxy(gate, outside));
  const refused = await egress.opened;
  if (refused === undefined) return egress;
  await egress.close();
  if (refused === 'unsupported') {
    return fail(
      'unsupported',
      'This sandbox was started by an older Airlock, which knows no list of hosts. Restart it.',
      {
        fix: 'restart-sandbox',
      },
    );
  }
  return fail('sandbox-lost', 'The sandbox does not answer.');
}

export class OpenEgress implements Egress {
  /** Resolves to undefined once programs inside can ask, or to the code of a refusal. */
  readonly opened: Promise<string | undefined>;
  readonly #socketPath: string;
  readonly #proxy: EgressProxy;
  readonly #holder: Link;
  readonly #waiting = new Set<Socket>();
  #over = false;
  #again: NodeJS.Timeout | undefined;

  constructor(socketPath: string, proxy: EgressProxy) {
    this.#socketPath = socketPath;
    this.#proxy = proxy;
    let settle: (refusal: string | undefined) => void = () => undefined;
    this.opened = new Promise((resolve) => (settle = resolve));
    this.#holder = openLink(
      socketPath,
      { v: protocolVersion, kind: 'network' },
      {
        data: () => undefined,
        event: (event) => {
          if (event.event === 'started') this.#fill();
          settle(event.event === 'refused' ? event.code : undefined);
        },
        over: () => {
          settle('lost');
          void this.close();
        },
      },
    );
  }

  recheck(): void {
    this.#proxy.recheck();
  }

  close(): Promise<void> {
    this.#over = true;
    clearTimeout(this.#again);
    this.#holder.close();
    for (const socket of this.#waiting) socket.destroy();
    this.#proxy.close();
    return Promise.resolve();
  }

  /** Brings the number of waiting connections to what it should be. */
  #fill(): void {
    while (!this.#over && this.#waiting.size < ready && this.#waiting.size + this.#proxy.size < most) {
      void this.#wait();
    }
  }

  async #wait(): Promise<void> {
    const socket = connect({ path: this.#socketPath, allowHalfOpen: true });
    this.#waiting.add(socket);
    socket.on('error', () => undefined);
    socket.write(line({ v: protocolVersion, kind: 'way-out' }));
    const answer = await firstAnswer(socket);
    this.#waiting.delete(socket);
    if (answer?.event === 'connected' && !this.#over) {
      socket.once('close', () => this.#fill());
      this.#proxy.serve(socket);
      this.#fill();
    } else {
      socket.destroy();
      this.#fillLater();
    }
  }

  /** A supervisor that hangs up at once must not keep this process busy. */
  #fillLater(): void {
    if (this.#over) return;
    this.#again ??= setTimeout(() => {
      this.#again = undefined;
      this.#fill();
    }, againAfterMs);
  }
}
