/** Hands on the newest of values that come faster than they are read: what was overtaken is never seen. */
export class Latest<T> {
  #value: { readonly is: T } | undefined;
  #isOver = false;
  #wake: () => void = () => undefined;

  put(value: T): void {
    this.#value = { is: value };
    this.#wake();
  }

  /** No more will come; what was put last is still read. */
  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  /** The values as they come, until the end. For one reader. */
  async *read(): AsyncGenerator<T> {
    for (;;) {
      if (this.#value !== undefined) {
        const { is } = this.#value;
        this.#value = undefined;
        yield is;
      } else if (this.#isOver) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
