/** Most characters of output that wait to be read; what comes before them is dropped and said. */
const mostWaiting = 1024 * 1024;

/** Output that nobody has read yet, capped: the end of it is kept. */
class Waiting {
  #parts: string[] = [];
  #length = 0;
  #dropped = 0;

  add(text: string): void {
    if (text === '') return;
    this.#parts.push(text);
    this.#length += text.length;
    if (this.#length > 2 * mostWaiting) this.#cut();
  }

  take(): string {
    this.#cut();
    const text = this.#parts.join('');
    // The SDK's truncation keeps a notice of exactly this form in front.
    const notice = this.#dropped > 0 ? `[...${this.#dropped} characters truncated from process output...]\n` : '';
    this.#parts = [];
    this.#length = 0;
    this.#dropped = 0;
    return notice + text;
  }

  #cut(): void {
    const over = this.#length - mostWaiting;
    if (over <= 0) return;
    const text = this.#parts.join('').slice(over);
    this.#parts = [text];
    this.#dropped += over;
    this.#length = text.length;
  }
}

export interface Taken {
  /** Both streams in the order of arrival. */
  readonly output: string;
  readonly stdout: string;
  readonly stderr: string;
}

/** The unread output of one command. A character whose bytes arrive in two pieces stays whole. */
export class UnreadOutput {
  readonly #decoders = { 1: new TextDecoder(), 2: new TextDecoder() };
  readonly #both = new Waiting();
  readonly #streams = { 1: new Waiting(), 2: new Waiting() };

  add(fd: 1 | 2, bytes: Uint8Array): void {
    this.#keep(fd, this.#decoders[fd].decode(bytes, { stream: true }));
  }

  /** To be called once, when nothing more will come. */
  end(): void {
    this.#keep(1, this.#decoders[1].decode());
    this.#keep(2, this.#decoders[2].decode());
  }

  /** Hands over what was not handed over before. */
  take(): Taken {
    return { output: this.#both.take(), stdout: this.#streams[1].take(), stderr: this.#streams[2].take() };
  }

  #keep(fd: 1 | 2, text: string): void {
    this.#both.add(text);
    this.#streams[fd].add(text);
  }
}
