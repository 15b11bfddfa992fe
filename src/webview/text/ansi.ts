import { colourOf256, colourOfRgb } from './colours.ts';

/** What a run of terminal output says: text in a style, or a move of the cursor within its line. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string; readonly style: string }
  | { readonly kind: 'return' }
  | { readonly kind: 'backspace' }
  | { readonly kind: 'erase-line' };

type State = 'ground' | 'escape' | 'charset' | 'csi' | 'string' | 'string-escape';

/** Longest control string (titles, links, pictures) that is swallowed; after it, text is text again. */
const longestString = 8192;
const longestParameters = 128;

const marks: Readonly<Record<number, string>> = {
  1: 'bold',
  2: 'dim',
  3: 'italic',
  4: 'underline',
  7: 'inverse',
  9: 'strike',
};
const unmarks: Readonly<Record<number, readonly string[]>> = {
  22: ['bold', 'dim'],
  23: ['italic'],
  24: ['underline'],
  27: ['inverse'],
  29: ['strike'],
};

/**
 * Reads one line of terminal output after the other (ECMA-48): colours and weights become class names out of a fixed
 * list, every other sequence is dropped. State is kept between calls, so that sequences may be cut anywhere.
 */
export class AnsiParser {
  private state: State = 'ground';
  private parameters = '';
  private swallowed = 0;
  private readonly marked = new Set<string>();
  private front: number | undefined;
  private back: number | undefined;
  private style = '';

  /** Parses a piece of one line; `text` holds no newline. */
  parse(text: string): Piece[] {
    const pieces: Piece[] = [];
    let from = 0;
    const flush = (to: number): void => {
      if (to > from) pieces.push({ kind: 'text', text: text.slice(from, to), style: this.style });
    };
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (this.state === 'ground') {
        if (code >= 0x20 || code === 0x09) continue;
        flush(index);
        from = index + 1;
        this.control(code, pieces);
      } else {
        const wasText = this.step(code, text[index] ?? '', pieces);
        from = wasText ? index : index + 1;
      }
    }
    if (this.state === 'ground') flush(text.length);
    return pieces;
  }

  private control(code: number, pieces: Piece[]): void {
    if (code === 0x1b) this.state = 'escape';
    if (code === 0x0d) pieces.push({ kind: 'return' });
    if (code === 0x08) pieces.push({ kind: 'backspace' });
  }

  /** Takes one character inside a sequence; true where the sequence was given up and the character is text. */
  private step(code: number, character: string, pieces: Piece[]): boolean {
    if (code === 0x18 || code === 0x1a) this.state = 'ground';
    else if (this.state === 'string' || this.state === 'string-escape') return this.stepString(code);
    else if (this.state === 'charset') this.stepCharset(code);
    else if (this.state === 'escape') this.stepEscape(code, character);
    else return this.stepCsi(code, character, pieces);
    return false;
  }

  private stepEscape(code: number, character: string): void {
    this.parameters = '';
    this.swallowed = 0;
    if (character === '[') this.state = 'csi';
    else if (']PX^_'.includes(character)) this.state = 'string';
    else if (code >= 0x20 && code < 0x30) this.state = 'charset';
    else if (code !== 0x1b) this.state = 'ground';
  }

  private stepCharset(code: number): void {
    if (code === 0x1b) this.state = 'escape';
    else if (code >= 0x30) this.state = 'ground';
  }

  private stepString(code: number): boolean {
    this.swallowed++;
    const ends = code === 0x07 || (this.state === 'string-escape' && code === 0x5c);
    if (ends) this.state = 'ground';
    else this.state = code === 0x1b ? 'string-escape' : 'string';
    if (ends || this.swallowed <= longestString) return false;
    this.state = 'ground';
    return code >= 0x20;
  }

  private stepCsi(code: number, character: string, pieces: Piece[]): boolean {
    if (code === 0x1b) {
      this.state = 'escape';
    } else if (code >= 0x40 && code <= 0x7e) {
      this.state = 'ground';
      if (character === 'm') this.select();
      if (character === 'K') pieces.push({ kind: 'erase-line' });
    } else if (code < 0x20) {
      this.control(code, pieces);
    } else if (code > 0x7e || this.parameters.length >= longestParameters) {
      this.state = 'ground';
      return true;
    } else {
      this.parameters += character;
    }
    return false;
  }

  /** Select Graphic Rendition. */
  private select(): void {
    if (!/^[\d;:]*$/.test(this.parameters)) return;
    const codes = this.parameters.split(/[;:]/).map(Number);
    while (codes.length > 0) this.selectOne(codes.shift() ?? 0, codes);
    const colours = [
      this.front === undefined ? [] : [`ansi-front-${this.front}`],
      this.back === undefined ? [] : [`ansi-back-${this.back}`],
    ].flat();
    this.style = [...[...this.marked].map((mark) => `ansi-${mark}`), ...colours].join(' ');
  }

  private selectOne(code: number, rest: number[]): void {
    const mark = marks[code];
    if (mark !== undefined) this.marked.add(mark);
    for (const gone of unmarks[code] ?? []) this.marked.delete(gone);
    if (code === 0) this.reset();
    if (code === 38) this.front = takeColour(rest);
    if (code === 48) this.back = takeColour(rest);
    if (code === 39) this.front = undefined;
    if (code === 49) this.back = undefined;
    if (code >= 30 && code <= 37) this.front = code - 30;
    if (code >= 40 && code <= 47) this.back = code - 40;
    if (code >= 90 && code <= 97) this.front = code - 82;
    if (code >= 100 && code <= 107) this.back = code - 92;
  }

  private reset(): void {
    this.marked.clear();
    this.front = undefined;
    this.back = undefined;
  }
}

function takeColour(rest: number[]): number | undefined {
  const kind = rest.shift();
  if (kind === 5) return colourOf256(rest.shift() ?? 0);
  if (kind !== 2) return undefined;
  const [red = 0, green = 0, blue = 0] = rest.splice(0, 3);
  return colourOfRgb(red, green, blue);
}
