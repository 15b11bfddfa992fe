/** When the next notice may come, so that a program which asks without end is no nuisance. */
export class Quiet {
  readonly #said = new Set<string>();
  readonly #everyMs: number;
  readonly #most: number;
  #next = 0;

  constructor(everyMs = 10_000, most = 20) {
    this.#everyMs = everyMs;
    this.#most = most;
  }

  /** True where this may be said now: not said before, not soon after another, and not too often in all. */
  mayTell(key: string, now: number): boolean {
    if (this.#said.has(key) || this.#said.size >= this.#most || now < this.#next) return false;
    this.#said.add(key);
    this.#next = now + this.#everyMs;
    return true;
  }
}
