import { problemOf } from '../../../core/problem.ts';
import { type GatewayParts, offersNone } from './gateway.ts';
import { Kept } from '../../common/kept.ts';
import { Mux } from '../../relay/mux/mux.ts';
import type { Inside } from '../../relay/prepare.ts';
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
  readonly #inside: () => Pick<Inside, 'relay' | 'carries'>;
  readonly #log: (line: string) => void;
  readonly #mux: Kept<Mux | undefined>;
  #refusedAt: number | undefined;
  #failures = 0;

  constructor(parts: GatewayParts, inside: () => Pick<Inside, 'relay' | 'carries'>, log: (line: string) => void) {
    this.#parts = parts;
    this.#inside = inside;
    this.#log = log;
    this.#mux = new Kept(
      (signal) => this.#open(signal),
      (mux) => mux?.close(),
    );
  }

  /**
   * False while it is known that no terminal can carry a mux: the computer offers none, or our program inside speaks a
   * language that holds one connection at a time. In the latter case a terminal for one program is there all the same.
   */
  get offered(): boolean {
    if (!this.#inside().carries) return false;
    return this.#refusedAt === undefined || Date.now() - this.#refusedAt > refusedForMs;
  }

  /** The mux; undefined where none is {@link offered}. Throws what passes, such as a broken connection. */
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
      const mux = await Mux.open(wireOf(this.#parts, this.#inside().relay), signal);
      this.#log(`celesto: a terminal carries commands and ports (${mux.coding})`);
      const openedAt = Date.now();
      void mux.over.then(({ id }) => {
        if (Date.now() - openedAt > youngMs) this.#failures = 0;
        else if (id !== 'sandbox-gone') this.#failed();
      });
      return mux;
    } catch (error) {
      const why = problemOf(error, 'unreachable');
      this.#log(`celesto: no terminal could be opened (${why.id}: ${why.detail})`);
      if (why.id === 'aborted' || !(offersNone(error) ? this.#refuse() : this.#failed())) throw error;
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
