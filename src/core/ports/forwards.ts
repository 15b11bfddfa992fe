import type { SessionId } from '../../shared/ids.ts';
import { fail, problemOf } from '../problem.ts';
import type { Sandbox } from '../sandbox.ts';
import { noChoice, type PortChoice } from './choices.ts';
import type { Forwarded, Forwarding } from './forwarding.ts';

export interface ForwardsContext {
  readonly session: SessionId;
  readonly forwarding: Forwarding;
  /** The sandbox while it runs; connections are dialled in the one of their moment. */
  running(): Sandbox | undefined;
}

/** The listeners of one session on this machine, at most one for each port inside. */
export class Forwards {
  readonly #context: ForwardsContext;
  readonly #changed: () => void;
  readonly #opening = new Map<number, Promise<Forwarded>>();
  readonly #opened = new Map<number, Forwarded>();
  readonly #problems = new Map<number, string>();

  constructor(context: ForwardsContext, changed: () => void) {
    this.#context = context;
    this.#changed = changed;
  }

  get opened(): ReadonlyMap<number, Forwarded> {
    return this.#opened;
  }

  /** Why a port has no listener although one was wanted. */
  get problems(): ReadonlyMap<number, string> {
    return this.#problems;
  }

  get isUsed(): boolean {
    return this.#opening.size > 0;
  }

  /** Opens what is remembered as forwarded. What cannot be opened is said by its problem and not tried again. */
  restore(choices: ReadonlyMap<number, PortChoice>): void {
    for (const [port, choice] of choices) {
      const isWanted = choice.forwarded && !this.#opening.has(port) && !this.#problems.has(port);
      if (isWanted) void this.open(port, choice).catch(() => undefined);
    }
  }

  /** The listener for a port, opened where there is none yet. Rejects with `bad-input` where it cannot be had. */
  async open(port: number, choice = noChoice): Promise<Forwarded> {
    const known = this.#opening.get(port);
    if (known !== undefined) return await known;
    this.#problems.delete(port);
    const opening = this.#listen(port, choice);
    this.#opening.set(port, opening);
    try {
      const forwarded = await opening;
      if (this.#opening.get(port) === opening) this.#opened.set(port, forwarded);
      return forwarded;
    } catch (error) {
      this.#opening.delete(port);
      this.#problems.set(port, problemOf(error, 'bad-input').detail);
      throw error;
    } finally {
      this.#changed();
    }
  }

  async close(port: number): Promise<void> {
    const opening = this.#opening.get(port);
    this.#problems.delete(port);
    this.#opening.delete(port);
    this.#opened.delete(port);
    const forwarded = await opening?.catch(() => undefined);
    await forwarded?.close();
    this.#changed();
  }

  async closeAll(): Promise<void> {
    this.#problems.clear();
    await Promise.all([...this.#opening.keys()].map(async (port) => await this.close(port)));
  }

  /** A port that a person chose is that one or none; any other may be had anew. */
  async #listen(port: number, { localPort, chosen }: PortChoice): Promise<Forwarded> {
    const { forwarding, session } = this.#context;
    const dial: Sandbox['dial'] = async (inside, signal) => await this.#running().dial(inside, signal);
    const anywhere = async () => await forwarding({ dial }, { session, port });
    if (localPort === undefined) return await anywhere();
    const there = async () => await forwarding({ dial }, { session, port, localPort });
    return chosen ? await there() : await there().catch(anywhere);
  }

  #running(): Sandbox {
    return this.#context.running() ?? fail('sandbox-gone', 'The sandbox is not running.', { fix: 'restart-sandbox' });
  }
}
