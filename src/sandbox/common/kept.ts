/** Something that is made when it is first needed, kept warm, and made again once it broke. */
export class Kept<T extends { readonly isOpen: boolean } | undefined> {
  readonly #make: (signal: AbortSignal) => Promise<T>;
  readonly #close: (value: T) => void;
  #made: Promise<T> | undefined;
  #ending = new AbortController();

  constructor(make: (signal: AbortSignal) => Promise<T>, close: (value: T) => void) {
    this.#make = make;
    this.#close = close;
  }

  /**
   * The open one; undefined where making it found that there is none. Throws what making it throws. After either the next
   * call tries again.
   */
  async get(): Promise<T> {
    for (;;) {
      const making = (this.#made ??= this.#make(this.#ending.signal));
      const value = await making.catch((error: unknown) => {
        this.#forget(making);
        throw error;
      });
      if (value?.isOpen === true) return value;
      this.#forget(making);
      if (value === undefined) return value;
    }
  }

  /** The open one where there is one already. */
  async warm(): Promise<T | undefined> {
    const value = await this.#made?.catch(() => undefined);
    return value?.isOpen === true ? value : undefined;
  }

  /** Closes what there is; a later need makes it anew. */
  drop(): void {
    this.#ending.abort();
    this.#ending = new AbortController();
    void this.#made?.then(this.#close).catch(() => undefined);
    this.#made = undefined;
  }

  #forget(made: Promise<T>): void {
    if (this.#made === made) this.#made = undefined;
  }
}
