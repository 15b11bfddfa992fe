import type { OpId } from '../../shared/ids.ts';
import type { SessionLog } from '../storage.ts';
import type { SessionDelta } from './api.ts';
import type { LogEvent, LoggedEvent } from './events.ts';
import { foldRegions, inBackground, newRegions, type Regions } from './regions.ts';
import { Transcript } from './transcript.ts';

/**
 * The log and the views folded from it, always in step: every fact enters here once and everybody who looks on is told.
 */
export class Recorder {
  readonly #log: SessionLog;
  readonly #transcript = new Transcript();
  readonly #listeners = new Set<(delta: SessionDelta) => void>();
  #regions: Regions = newRegions;
  #failure: unknown;

  constructor(log: SessionLog) {
    this.#log = log;
    for (const event of log.events) this.#fold(event);
    log.subscribe((event) => {
      const items = this.#fold(event);
      if (items.length > 0) this.tell({ kind: 'items', items });
      this.tell({ kind: 'summary' });
      if (event.event.t === 'changes') this.tell({ kind: 'changes' });
    });
  }

  get regions(): Regions {
    return this.#regions;
  }

  get transcript(): Transcript {
    return this.#transcript;
  }

  get events(): readonly LoggedEvent[] {
    return this.#log.events;
  }

  /** Appends a record. */
  async add(event: LogEvent): Promise<LoggedEvent> {
    this.#refuseAfterFailure();
    return await this.#log.append(event);
  }

  /** Appends a record that must outlive a power cut before what it announces may begin. */
  async intend(event: LogEvent): Promise<LoggedEvent> {
    this.#refuseAfterFailure();
    return await this.#log.append(event, { durable: true });
  }

  /** Appends a record that nobody waits for. A full disk shows at the next record that somebody does wait for. */
  note(event: LogEvent): void {
    this.#log.append(event).catch((error: unknown) => {
      this.#failure ??= error;
    });
  }

  onDelta(listener: (delta: SessionDelta) => void): { dispose(): void } {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  /** Tells viewers something that is not, or not yet, in the log. */
  tell(delta: SessionDelta): void {
    for (const listener of this.#listeners) listener(delta);
  }

  /** Tells viewers that a command goes on and nobody waits for it. That is true of this window alone: no log holds it. */
  background(op: OpId): void {
    this.#regions = inBackground(this.#regions, op);
    const item = this.#transcript.background(op);
    if (item !== undefined) this.tell({ kind: 'items', items: [item] });
    this.tell({ kind: 'summary' });
  }

  async close(): Promise<void> {
    await this.#log.close();
  }

  #refuseAfterFailure(): void {
    if (this.#failure === undefined) return;
    const failure = this.#failure;
    this.#failure = undefined;
    throw failure instanceof Error ? failure : new Error('The session log could not be written.');
  }

  #fold(event: LoggedEvent): ReturnType<Transcript['add']> {
    this.#regions = foldRegions(this.#regions, event);
    return this.#transcript.add(event);
  }
}
