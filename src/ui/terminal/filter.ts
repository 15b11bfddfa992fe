type State = 'text' | 'escape' | 'csi' | 'string' | 'string-escape';

const escape = '\u001b';
const bell = '\u0007';
const mostCsi = 64;

/**
 * Lets a sandbox's terminal output through without what reaches outside the terminal: every operating-system command
 * (clipboard, title, links, notifications, shell integration), device-control, privacy and application string, and
 * window operations. Keeps its place between chunks; text, colours, cursor and screen sequences pass.
 */
export class TerminalFilter {
  #state: State = 'text';
  #csi = '';

  /** The part of the next chunk that may be shown. */
  push(chunk: string): string {
    let shown = '';
    for (const character of chunk) shown += this.#next(character);
    return shown;
  }

  #next(character: string): string {
    switch (this.#state) {
      case 'text':
        return this.#text(character);
      case 'escape':
        return this.#escape(character);
      case 'csi':
        return this.#sequence(character);
      case 'string':
        return this.#string(character);
      case 'string-escape':
        this.#state = 'escape';
        return character === '\\' ? this.#ended() : this.#escape(character);
    }
  }

  #text(character: string): string {
    const code = character.charCodeAt(0);
    if (character === escape) this.#state = 'escape';
    else if (code === 0x9b) this.#beginSequence();
    else if ([0x90, 0x98, 0x9d, 0x9e, 0x9f].includes(code)) this.#state = 'string';
    else if (code < 0x80 || code > 0x9f) return character;
    return '';
  }

  /** Terminals carry out a control character in the middle of a sequence and then go on with it: so does this. */
  #escape(character: string): string {
    const code = character.charCodeAt(0);
    if (character === escape) return '';
    if (isCancel(character)) return this.#ended();
    if (code < 0x20) return character;
    if (code === 0x7f) return '';
    this.#state = 'text';
    if (code >= 0x80) return this.#text(character);
    if (character === '[') this.#beginSequence();
    else if (['P', 'X', ']', '^', '_'].includes(character)) this.#state = 'string';
    else return escape + character;
    return '';
  }

  #ended(): string {
    this.#state = 'text';
    return '';
  }

  #beginSequence(): void {
    this.#state = 'csi';
    this.#csi = '';
  }

  /** A whole control sequence passes at its end, unless it works on the window. */
  #sequence(character: string): string {
    const code = character.charCodeAt(0);
    if (character === escape) {
      this.#state = 'escape';
      return '';
    }
    if (isCancel(character)) return this.#ended();
    if (code < 0x20) return character;
    this.#csi += character;
    const isFinal = code >= 0x40 && code <= 0x7e;
    if (!isFinal && this.#csi.length <= mostCsi && code < 0x7f) return '';
    this.#state = 'text';
    const isWindow = character === 't';
    return isFinal && !isWindow ? `${escape}[${this.#csi}` : '';
  }

  #string(character: string): string {
    const isEnd = character === bell || character.charCodeAt(0) === 0x9c || isCancel(character);
    if (isEnd) this.#state = 'text';
    else if (character === escape) this.#state = 'string-escape';
    return '';
  }
}

/** Cancel and substitute end whatever sequence is open, on real terminals too. */
function isCancel(character: string): boolean {
  return character === '\u0018' || character === '\u001a';
}
