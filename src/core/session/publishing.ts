import { publications, type Publication } from '../ports/publications.ts';
import { AirlockError, fail } from '../problem.ts';
import type { Sandbox } from '../sandbox.ts';
import type { Recorder } from './recorder.ts';

export interface PublishingContext {
  readonly recorder: Recorder;
  /** The sandbox while it runs. */
  running(): Sandbox | undefined;
}

/** The longest delay that a timer takes; a later end is looked at again then. */
const longestTimerMs = 2 ** 31 - 1;

/** Milliseconds after which a port that could not be taken back is tried again. */
const retryMs = 60_000;

/**
 * What of a session is open to the internet. It is written down before it is asked for, taken back when its time is
 * over, also where that passed while no window was open, and before the sandbox ends.
 */
export class Publishing {
  readonly #context: PublishingContext;
  readonly #changed: () => void;
  readonly #open: Map<number, Publication>;
  readonly #retryMs: number;
  /** When a port that is being taken back, or could not be, is tried again; `Infinity` while it is being asked for. */
  readonly #againAt = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(context: PublishingContext, changed: () => void, againAfterMs = retryMs) {
    this.#context = context;
    this.#changed = changed;
    this.#retryMs = againAfterMs;
    this.#open = publications(context.recorder.events);
  }

  /** What is, or may be, published now. */
  get open(): ReadonlyMap<number, Publication> {
    return this.#open;
  }

  get isPossible(): boolean {
    const sandbox = this.#context.running();
    return sandbox?.publish !== undefined && sandbox.unpublish !== undefined && sandbox.caps.maxPublished > 0;
  }

  /** Finds what was published elsewhere, as of a computer that was attached, and what is public no more. */
  async look(sandbox: Sandbox, signal: AbortSignal): Promise<void> {
    const before = new Map(this.#open);
    const now = await sandbox.published?.(signal);
    if (now === undefined || sandbox !== this.#context.running()) return;
    for (const found of now) if (!this.#open.has(found.port)) this.#set(found);
    const gone = [...before.keys()].filter((port) => now.every((found) => found.port !== port));
    // What was published meanwhile is in no older list.
    for (const port of gone) if (this.#open.get(port) === before.get(port)) await this.#forget(port);
  }

  /** Publishes a port for so many milliseconds. Rejects where that cannot be, or cannot be known. */
  async publish(port: number, forMs: number, signal: AbortSignal): Promise<Publication> {
    const sandbox = this.#context.running();
    if (!this.isPossible || sandbox?.publish === undefined)
      fail('unsupported', 'This kind of sandbox publishes no port.');
    const most = sandbox.caps.maxPublished;
    if (!this.#open.has(port) && this.#open.size >= most)
      fail('limit', `At most ${most} ports can be published at once.`);
    const until = Date.now() + forMs;
    await this.#context.recorder.intend({ t: 'publish-intent', port, until });
    this.#set({ port, until });
    try {
      const { url } = await sandbox.publish(port, signal);
      await this.#context.recorder.add({ t: 'published', port, url });
      const publication = { port, until, url };
      this.#set(publication);
      return publication;
    } catch (error) {
      const neverLeft = error instanceof AirlockError && error.problem.delivery === 'never-sent';
      if (neverLeft) await this.#forget(port);
      throw error;
    }
  }

  /** Takes a port back. Rejects where that could not be confirmed: it stays shown as published. */
  async unpublish(port: number): Promise<void> {
    const sandbox = this.#context.running();
    if (sandbox?.unpublish === undefined)
      fail('sandbox-gone', 'The sandbox is not running.', { fix: 'restart-sandbox' });
    const settled = await sandbox.unpublish(port, new AbortController().signal);
    if (settled.kind !== 'done') throw new AirlockError(settled.problem);
    await this.#forget(port);
  }

  /** Takes everything back that was published from here. Answers with the ports for which that is not confirmed. */
  async unpublishAll(): Promise<readonly number[]> {
    if (this.isPossible) await Promise.allSettled(this.#own().map(async (port) => await this.unpublish(port)));
    return this.#own();
  }

  #own(): readonly number[] {
    return [...this.#open.values()].flatMap(({ port, until }) => (until === undefined ? [] : [port]));
  }

  /** What was published went with its sandbox. */
  async forgetAll(): Promise<void> {
    await Promise.all([...this.#open.keys()].map(async (port) => await this.#forget(port)));
  }

  /** Takes back what is over, now and when the next one is; what could not be taken back is tried again. */
  follow(): void {
    clearTimeout(this.#timer);
    const timed = [...this.#open.values()].flatMap(({ port, until }) => (until === undefined ? [] : [{ port, until }]));
    if (timed.length === 0 || !this.isPossible) return;
    const now = Date.now();
    const due = timed.map((one) => ({ ...one, at: this.#againAt.get(one.port) ?? one.until }));
    for (const { port, until, at } of due) {
      if (at <= now) void this.#takeBack(port, until);
    }
    const next = Math.min(...due.map(({ at }) => at).filter((at) => at > now));
    this.#timer = setTimeout(() => this.follow(), Math.min(next - now, longestTimerMs));
    this.#timer.unref();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  /** What could not be taken back stays shown, for a person to try again before we do. */
  async #takeBack(port: number, until: number): Promise<void> {
    this.#againAt.set(port, Infinity);
    try {
      await this.unpublish(port);
    } catch {
      // What was published anew meanwhile has its own end.
      if (this.#open.get(port)?.until !== until) return;
      this.#againAt.set(port, Date.now() + this.#retryMs);
      this.follow();
    }
  }

  #set(publication: Publication): void {
    this.#open.set(publication.port, publication);
    this.#againAt.delete(publication.port);
    this.follow();
    this.#changed();
  }

  async #forget(port: number): Promise<void> {
    if (!this.#open.delete(port)) return;
    this.#againAt.delete(port);
    await this.#context.recorder.add({ t: 'unpublished', port });
    this.#changed();
  }
}
