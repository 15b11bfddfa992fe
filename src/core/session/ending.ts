/** What a sandbox is in the middle of, in the word that is shown for it. */
export type EndingWord = 'Stopping' | 'Pausing';

/** The end, for now or for good, that is being made to a turn or a sandbox. */
export class Ending {
  readonly #tell: () => void;
  #word: EndingWord | undefined;

  /** `tell` is called whenever the word changes. */
  constructor(tell: () => void) {
    this.#tell = tell;
  }

  /** Undefined while nothing is being ended. */
  get word(): EndingWord | undefined {
    return this.#word;
  }

  async during(word: EndingWord, act: () => Promise<void>): Promise<void> {
    this.#say(word);
    try {
      await act();
    } finally {
      this.#say(undefined);
    }
  }

  #say(word: EndingWord | undefined): void {
    this.#word = word;
    this.#tell();
  }
}
