/** Longest control sequence that is looked at; a longer one is swallowed whole. */
const longestControl = 256;
/** Largest position, size or mode that is passed on. */
const largestNumber = 9999;
/** Most often that a line or a character is repeated, which terminals do one by one. */
const mostRepeats = 500;

const escape = '\u001b';

/**
 * Save and restore, index, tab stop, keypad, full reset, character sets and shifts, screen alignment. Not: identify
 * (Z), single shifts, 8-bit answers (SP G).
 */
const escapes = /^(?:[78DEHM=>cno|}~]|[()*+\-./][0-~]|#8)$/;

/** The sequence that begins with ESC and holds `body`, where it may pass; else nothing. */
export function allowedEscape(body: string): string {
  return escapes.test(body) ? escape + body : '';
}

/**
 * Modes of the private kind that stay inside the text area: cursor keys, reverse video, origin, wrap, repeat, cursor,
 * reverse wrap, keypad, alternate screen, mouse, focus, bracketed paste, synchronised output. Not: 132 columns, reports
 * of size and colours, other encodings of the keyboard.
 */
const privateModes = new Set([
  ...[1, 5, 6, 7, 8, 9, 12, 25, 45, 47, 66],
  ...[1000, 1002, 1003, 1004, 1005, 1006, 1007, 1015, 1016, 1047, 1048, 1049, 2004, 2026],
]);
/** Insert, and new line. */
const publicModes = new Set([4, 20]);
const fullScreenModes = new Set([47, 1047, 1049]);

/** Finals of sequences without marks around their numbers, that set positions, erase or paint. */
const moves = new Set('ABCDEFGHJKX`adefgmrsu');
/** Finals of sequences that do something a number of times. */
const repeats = new Set('@ILMPSTZb');

interface Passed {
  /** The sequence in its canonical form, or nothing. */
  readonly shown: string;
  /** What it does to the alternate screen, where it does something. */
  readonly fullScreen?: boolean;
}

const nothing: Passed = { shown: '' };

/** A control sequence (CSI) as it comes, character by character, and what of it may pass. */
export class ControlSequence {
  #body = '';

  begin(): void {
    this.#body = '';
  }

  /** Takes a printable ASCII character. True where it is the last one. */
  add(character: string): boolean {
    if (this.#body.length <= longestControl) this.#body += character;
    return character >= '@';
  }

  /** Cursor, screen and colours pass, with their numbers kept within bounds. No query and no window operation does. */
  end(): Passed {
    const parsed = /^([<=>?]?)([\d:;]*)([ -/]*)([@-~])$/.exec(this.#body);
    if (parsed === null || this.#body.length > longestControl) return nothing;
    const [, mark = '', numbers = '', between = '', final = ''] = parsed;
    if (mark === '' && between === '') return plain(numbers, final);
    if (mark === '?' && between === '') return marked(numbers, final);
    const isCursorStyle = mark === '' && between === ' ' && final === 'q';
    const isSoftReset = mark === '' && numbers === '' && between === '!' && final === 'p';
    return isCursorStyle || isSoftReset ? written('', bounded(numbers, largestNumber) + between, final) : nothing;
  }
}

function plain(numbers: string, final: string): Passed {
  if (moves.has(final)) return written('', bounded(numbers, largestNumber), final);
  // With several numbers T tracks the mouse in an old way.
  if (repeats.has(final) && !/[:;]/.test(numbers)) return written('', bounded(numbers, mostRepeats), final);
  if (final === 'h' || final === 'l') return modes('', numbers, final, publicModes);
  return nothing;
}

function marked(numbers: string, final: string): Passed {
  if (final === 'J' || final === 'K') return written('?', bounded(numbers, largestNumber), final);
  if (final === 'h' || final === 'l') return modes('?', numbers, final, privateModes);
  return nothing;
}

function modes(mark: string, numbers: string, final: string, allowed: ReadonlySet<number>): Passed {
  const wanted = numbers.split(';').map(Number);
  const kept = wanted.filter((mode) => allowed.has(mode));
  if (kept.length === 0) return nothing;
  const passed = written(mark, kept.join(';'), final);
  const isAboutScreen = mark === '?' && kept.some((mode) => fullScreenModes.has(mode));
  return isAboutScreen ? { ...passed, fullScreen: final === 'h' } : passed;
}

function written(mark: string, numbers: string, final: string): Passed {
  return { shown: `${escape}[${mark}${numbers}${final}` };
}

function bounded(numbers: string, most: number): string {
  if (numbers.length < 3) return numbers;
  return numbers.replace(/\d+/g, (digits) => String(Math.min(Number(digits), most)));
}
