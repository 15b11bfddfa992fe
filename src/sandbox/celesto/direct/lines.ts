import { fail } from '../../../core/problem.ts';

/** What a script inside says between its bytes: a letter, and a number where one belongs to it. */
export interface Word {
  readonly word: string;
  readonly number: number | undefined;
}

export interface LineEvents {
  /** The script is there: what a shell printed before it is over. */
  begun(): void;
  word(word: Word): void;
  /** Bytes, with what they cost of the credit: their characters in base64. */
  data(bytes: Uint8Array, cost: number): void;
}

const mostNoise = 65_536;
const mostWord = 64;

/** What a script prints when it begins, before a name that is known to nobody else. */
export const markerStart = 'AIRLOCK-DIRECT';

/**
 * Reads what a script inside prints on its terminal: a marker, then bytes in base64 and, each on a line of its own that
 * begins with a dot, words. A word may stand in the middle of base64, which goes on behind it as if it were not there.
 * Holds no more than a word. Throws `protocol` for whatever is neither, and for endless noise before the marker.
 */
export class LineReader {
  readonly #marker: string;
  readonly #events: LineEvents;
  #begun = false;
  /** What was printed before the marker; then the beginning of a word. */
  #held = '';
  /** Characters that are no whole group of four yet. */
  #group = '';
  #inData = false;

  constructor(name: string, events: LineEvents) {
    this.#marker = `${markerStart} ${name}`;
    this.#events = events;
  }

  push(bytes: Uint8Array): void {
    let rest = this.#held + Buffer.from(bytes).toString('latin1');
    this.#held = '';
    if (!this.#begun) {
      const behind = this.#behindMarker(rest);
      if (behind === undefined) return;
      rest = behind;
    }
    while (rest !== '') rest = this.#next(rest.replace(/^\r/, ''));
  }

  /** What stands on the lines behind the marker; undefined as long as it has not come. */
  #behindMarker(text: string): string | undefined {
    const at = text.indexOf(this.#marker);
    const end = at < 0 ? -1 : text.indexOf('\n', at);
    if (end < 0) {
      if (text.length > mostNoise) fail('protocol', 'The shell of the computer does not come to an end.');
      this.#held = text;
      return undefined;
    }
    this.#begun = true;
    this.#events.begun();
    return text.slice(end + 1);
  }

  /** Takes one line, or what there is of it, and gives what follows. */
  #next(text: string): string {
    const end = text.indexOf('\n');
    const line = (end < 0 ? text : text.slice(0, end)).replace(/\r$/, '');
    if (!this.#inData && line.startsWith('.')) {
      if (line.length > mostWord) damaged();
      if (end < 0) this.#held = line;
      else this.#tell(line);
    } else {
      this.#decode(line);
      this.#inData = end < 0 && (this.#inData || line !== '');
    }
    return end < 0 ? '' : text.slice(end + 1);
  }

  #tell(line: string): void {
    const [, word, number] = /^\.([a-z])(?: (\d{1,9}))?$/.exec(line) ?? damaged();
    this.#events.word({ word: word ?? '', number: number === undefined ? undefined : Number(number) });
  }

  #decode(text: string): void {
    if (!/^[A-Za-z0-9+/=]*$/.test(text)) damaged();
    const all = this.#group + text;
    const whole = all.length - (all.length % 4);
    this.#group = all.slice(whole);
    if (whole > 0) this.#events.data(Buffer.from(all.slice(0, whole), 'base64'), whole);
  }
}

function damaged(): never {
  return fail('protocol', 'What came over the terminal is damaged.', { delivery: 'maybe-sent' });
}
