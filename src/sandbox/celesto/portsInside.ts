import { AirlockError, fail } from '../../core/problem.ts';
import type { Listener, Pipe } from '../../core/sandbox.ts';
import type { StatusBoard } from '../common/statusBoard.ts';
import { watchListeners } from '../common/watchListeners.ts';
import { watchListeners as watchByMux } from '../relay/listeners.ts';
import type { Mux } from '../relay/mux/mux.ts';
import { dial } from './dial.ts';
import { type Begin, dialDirect } from './direct/connection.ts';
import { lookDirect } from './direct/listeners.ts';
import { noTerminals } from './direct/talk.ts';

export interface PortsInsideParts {
  /** Begins a script in a terminal of its own. */
  readonly begin: Begin;
  /** Our program inside can carry many connections over one terminal. */
  carries(): boolean;
  /** What it carries them on; undefined where the computer offers no terminals. */
  mux(): Promise<Mux | undefined>;
  /** Throws where the computer does not run. */
  check(): void;
}

/**
 * Ports of programs inside, reached by nobody else: over one terminal for all where our program there can carry them, else
 * over a terminal for each connection.
 */
export class PortsInside {
  readonly #parts: PortsInsideParts;

  constructor(parts: PortsInsideParts) {
    this.#parts = parts;
  }

  /** A connection to a port. Throws as {@link dial} and {@link dialDirect} do. */
  async dial(port: number, signal: AbortSignal): Promise<Pipe> {
    if (!Number.isInteger(port) || port < 1 || port > 65_535) return fail('bad-input', `There is no port ${port}.`);
    this.#parts.check();
    if (!this.#parts.carries()) return await dialDirect(this.#parts.begin, port, signal);
    const mux = await this.#parts.mux();
    if (mux === undefined) throw new AirlockError(noTerminals());
    return await dial(mux, port, signal);
  }

  /** What programs listen on. Nothing is told where the computer offers no terminal. */
  listeners(board: StatusBoard, signal: AbortSignal): AsyncGenerator<readonly Listener[]> {
    if (this.#parts.carries()) return watchByMux(() => this.#parts.mux(), board, signal);
    return watchListeners(() => Promise.resolve(lookDirect(this.#parts.begin)), board, signal);
  }
}
