import { problemOf } from '../../../core/problem.ts';
import { CallFailed } from '../api/http.ts';
import type { GatewayParts } from './gateway.ts';
import { Kept } from '../../common/kept.ts';
import { Mux } from '../../relay/mux/mux.ts';
import { wireOf } from './wire.ts';

/** How long a computer counts as one without terminals, before that is tried again. */
const refusedForMs = 300_000;
/** Failures in a row that count as a refusal. */
const mostFailures = 3;
/** A terminal that breaks so soon has carried nothing worth its opening: it counts as a failure. */
const youngMs = 5000;

/** The one warm mux of a computer: opened when it is first needed, opened again when it broke. */
export class Channels {
  readonly #parts: GatewayParts;
  readonly #relay: () => readonly string[];
  readonly #log: (line: string) => void;
  readonly #mux: Kept<Mux | undefined>;
  #refusedAt: number | undefined;
  #failures = 0;

  constructor(parts: GatewayParts, relay: () => readonly string[], log: (line: string) => void) {
    this.#parts = parts;
    this.#relay = relay;
    this.#log = log;
    this.#mux = new Kept(
      (signal) => this.#open(signal),
      (mux) => mux?.close(),
    );
  }

  /** False while it is known that there are no terminals. */
  get offered(): boolean {
    return this.#refusedAt === undefined || Date.now() - this.#refusedAt > refusedForMs;
  }

  /** The mux; undefined where the computer offers no terminals. Throws what passes, such as a broken connection. */
  async mux(): Promise<Mux | undefined> {
    return this.offered ? await this.#mux.get() : undefined;
  }

  /** The mux where it is open already. */
  async warm(): Promise<Mux | undefined> {
    return await this.#mux.warm();
  }

  /** Drops what there is; a later need opens it anew. */
  close(): void {
    this.#mux.drop();
  }

  async #open(signal: AbortSignal): Promise<Mux | undefined> {
    if (!this.offered) return undefined;
    try {
      const mux = await Mux.open(wireOf(this.#parts, this.#relay()), signal);
      this.#log(`celesto: a terminal carries commands and ports (${mux.coding})`);
      const openedAt = Date.now();
      void mux.over.then(({ id }) => {
        if (Date.now() - openedAt > youngMs) this.#failures = 0;
        else if (id !== 'sandbox-gone') this.#failed();
      });
      return mux;
    } catch (error) {
      const why = problemOf(error, 'unreachable');
      const status = error instanceof CallFailed ? error.status : undefined;
      const refused = status !== undefined && [400, 403, 404, 405, 422, 501].includes(status);
      this.#log(`celesto: no terminal could be opened (${why.id}: ${why.detail})`);
      if (why.id === 'aborted' || !(refused ? this.#refuse() : this.#failed())) throw error;
      return undefined;
    }
  }

  /** True where this was one failure too many. */
  #failed(): boolean {
    this.#failures += 1;
    return this.#failures >= mostFailures && this.#refuse();
  }

  #refuse(): true {
    this.#failures = 0;
    this.#refusedAt = Date.now();
    return true;
  }
}
