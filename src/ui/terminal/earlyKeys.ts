/** Characters that are kept at most. */
const most = 1024 * 1024;

/** What is typed before there is anything to type into, as it came. */
export class EarlyKeys {
  #texts: string[] = [];
  #length = 0;

  hold(text: string): void {
    const kept = text.slice(0, most - this.#length);
    this.#length += kept.length;
    if (kept !== '') this.#texts.push(kept);
  }

  /** Gives it out, once. */
  take(): readonly string[] {
    const texts = this.#texts;
    this.#texts = [];
    this.#length = 0;
    return texts;
  }
}
