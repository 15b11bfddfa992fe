/** A status question to the editor's terminal, and what it then types. */
const question = '\u001b[5n';
const answer = '\u001b[0n';

/** Characters between two questions, and how many questions may be open. */
const askAfter = 64 * 1024;
const mostOpen = 3;

/**
 * Holds output back while the editor has not drawn what went before. The editor offers no such thing for terminals of
 * an extension: everything written is queued. But its terminal answers questions in their order, so the answer to a
 * question between two pieces of output says that the first one is drawn. No question of a sandbox passes the filter, so
 * every answer is one of ours.
 */
export class DrawnFlow {
  readonly #write: (text: string) => void;
  readonly #patienceMs: number;
  #written = 0;
  #asked = 0;
  #answered = 0;
  /** Questions that nobody waits for any more. */
  #forgiven = 0;
  #wake: () => void = () => undefined;

  /** `patienceMs`: after so long without an answer output goes on, slowly, so that nothing can stand still for ever. */
  constructor(write: (text: string) => void, patienceMs = 3000) {
    this.#write = write;
    this.#patienceMs = patienceMs;
  }

  /** Writes whole sequences; resolves when more may be written. */
  async write(text: string): Promise<void> {
    if (text === '') return;
    this.#write(text);
    this.#written += text.length;
    if (this.#written < askAfter) return;
    this.#written = 0;
    this.#asked += 1;
    this.#write(question);
    while (this.#open >= mostOpen) await this.#change();
  }

  /** True where input is not a person's but an answer. */
  takes(input: string): boolean {
    if (this.#asked === this.#answered || input === '' || input.replaceAll(answer, '') !== '') return false;
    this.#answered = Math.min(this.#asked, this.#answered + input.length / answer.length);
    this.#wake();
    return true;
  }

  get #open(): number {
    return this.#asked - Math.max(this.#answered, this.#forgiven);
  }

  async #change(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.#forgiven = this.#asked;
        resolve();
      }, this.#patienceMs);
      timer.unref();
    });
    await Promise.race([late, new Promise<void>((resolve) => (this.#wake = resolve))]);
    clearTimeout(timer);
  }
}
