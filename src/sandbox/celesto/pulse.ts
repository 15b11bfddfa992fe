const lookEachMs = 15_000;
const mostBeatMs = 240_000;

/** Two timers of a computer that is held: a sign of life for its watchdog, and a look at it while somebody watches. */
export class Pulse {
  readonly #idleMinutes: number | undefined;
  readonly #do: { beat(): Promise<void>; look(): Promise<void> };
  #beating: NodeJS.Timeout | undefined;
  #looking: NodeJS.Timeout | undefined;
  #watchers = 0;

  constructor(idleMinutes: number | undefined, what: { beat(): Promise<void>; look(): Promise<void> }) {
    this.#idleMinutes = idleMinutes;
    this.#do = what;
  }

  start(): void {
    if (this.#idleMinutes === 0) return;
    const each = Math.min(((this.#idleMinutes ?? Infinity) * 60_000) / 3, mostBeatMs);
    this.#beating ??= repeat(each, () => this.#do.beat());
  }

  /** Somebody watches until the answer is called. */
  watched(): () => void {
    this.#watchers += 1;
    this.#looking ??= repeat(lookEachMs, () => this.#do.look());
    return () => {
      this.#watchers -= 1;
      if (this.#watchers > 0) return;
      clearInterval(this.#looking);
      this.#looking = undefined;
    };
  }

  stop(): void {
    clearInterval(this.#beating);
    clearInterval(this.#looking);
    this.#beating = undefined;
    this.#looking = undefined;
  }
}

/** Never twice at once; what fails is tried the next time. */
function repeat(eachMs: number, work: () => Promise<void>): NodeJS.Timeout {
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    void work()
      .catch(() => undefined)
      .finally(() => (busy = false));
  }, eachMs);
  return timer.unref();
}
