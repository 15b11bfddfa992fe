import { HiddenLink } from './hiddenLink.ts';
import { allowedEscape, ControlSequence } from './sequences.ts';
import { cleanTitle, readCommand } from './systemCommand.ts';

type State = 'text' | 'escape' | 'control' | 'string' | 'string-escape';

const bell = '\u0007';
const escape = '\u001b';
const cancel = '\u0018';
const substitute = '\u001a';
const stringEnd = '\u009c';

/** Control characters, C0 and C1, and delete: they end a run of plain text and of a string. */
const special = /\p{Cc}/gu;
/** Control characters that only move the cursor, ring or switch the character set. ENQ makes a terminal answer. */
const harmless = new Set('\b\t\n\v\f\r\u0007\u000e\u000f');
/** One-character forms of the introducers of string sequences, and the letters after ESC that mean the same. */
const stringStarts = new Map([
  ['\u0090', 'P'],
  ['\u0098', 'X'],
  ['\u009d', ']'],
  ['\u009e', '^'],
  ['\u009f', '_'],
]);
const stringLetters = new Set(stringStarts.values());

/** A string that comes to this length is taken for noise: what follows is text again. */
const longestString = 1024 * 1024;
/** As much of a string as is read. */
const longestCommand = 4096;
/** Intermediate characters of an escape sequence. */
const longestEscape = 2;

/**
 * Lets a sandbox's terminal output through without what reaches beyond the text area or makes the terminal answer.
 *
 * Text, colours, cursor and screen sequences pass in one canonical form, by an allow-list (`sequences.ts`). Nothing else
 * does: clipboard, notifications, working folder, shell integration, pictures, palette, window operations, printing, and
 * every query. A title is kept aside, cleaned ({@link title}). A hyperlink becomes its text with its true target behind
 * it. Keeps its place between chunks, which may be cut anywhere, and needs the same memory whatever comes.
 *
 * The grammar is that of ECMA-48 as xterm reads it: https://vt100.net/emu/dec_ansi_parser
 */
export class TerminalFilter {
  // Malformed UTF-8, which every C1 control character as a single byte is, becomes U+FFFD.
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  readonly #control = new ControlSequence();
  readonly #link = new HiddenLink();
  #state: State = 'text';
  #escape = '';
  #stringKind = '';
  #string = '';
  #stringLength = 0;
  #title: string | undefined;
  #isFullScreen = false;

  /** What the sandbox last asked to be called, as one short line without control characters; `''` takes it back. */
  get title(): string | undefined {
    return this.#title;
  }

  /** A program owns the whole screen, as far as sequences that passed tell. */
  get isFullScreen(): boolean {
    return this.#isFullScreen;
  }

  /** The part of the next chunk that may be shown. */
  push(chunk: Uint8Array): string {
    return this.#take(this.#decoder.decode(chunk, { stream: true }));
  }

  /** What is left to show when no more comes. */
  end(): string {
    return this.#take(this.#decoder.decode()) + this.#link.close(this.#isFullScreen);
  }

  #take(text: string): string {
    let shown = '';
    let at = 0;
    while (at < text.length) {
      const run = this.#runEnd(text, at);
      if (run > at) {
        if (this.#state === 'text') shown += this.#link.through(text.slice(at, run));
        else this.#keepString(text.slice(at, run));
        at = run;
      } else {
        shown += this.#next(text.charAt(at));
        at += 1;
      }
    }
    return shown;
  }

  /** Where the characters end that can be taken at once; `at` itself where they must be looked at one by one. */
  #runEnd(text: string, at: number): number {
    if (this.#state !== 'text' && this.#state !== 'string') return at;
    special.lastIndex = at;
    const end = special.exec(text)?.index ?? text.length;
    return this.#state === 'text' ? end : Math.min(end, at + longestString - this.#stringLength);
  }

  #next(character: string): string {
    if (character === cancel || character === substitute) return this.#drop();
    switch (this.#state) {
      case 'text':
        return this.#onText(character);
      case 'escape':
        return this.#onEscape(character);
      case 'control':
        return this.#onControl(character);
      case 'string':
        return this.#onString(character);
      case 'string-escape':
        if (character === '\\') return this.#endString();
        this.#begin();
        return this.#onEscape(character);
    }
  }

  #drop(): string {
    this.#state = 'text';
    return '';
  }

  #begin(): void {
    this.#state = 'escape';
    this.#escape = '';
  }

  #onText(character: string): string {
    const letter = stringStarts.get(character);
    if (letter !== undefined) this.#beginString(letter);
    else if (character === escape) this.#begin();
    else if (character === '\u009b') this.#beginControl();
    else if (character === '\n') return this.#link.close(this.#isFullScreen) + character;
    else if (harmless.has(character)) return character;
    return '';
  }

  #onEscape(character: string): string {
    const code = character.charCodeAt(0);
    if (code < 0x20) return this.#inside(character);
    if (code === 0x7f) return '';
    if (code > 0x7f) {
      this.#state = 'text';
      return this.#take(character);
    }
    const isFirst = this.#escape === '';
    if (this.#escape.length <= longestEscape) this.#escape += character;
    if (code < 0x30) return '';
    if (isFirst && character === '[') this.#beginControl();
    else if (isFirst && stringLetters.has(character)) this.#beginString(character);
    else return this.#endEscape();
    return '';
  }

  #endEscape(): string {
    this.#state = 'text';
    if (this.#escape === 'c') this.#isFullScreen = false;
    return allowedEscape(this.#escape);
  }

  #beginControl(): void {
    this.#state = 'control';
    this.#control.begin();
  }

  #onControl(character: string): string {
    const code = character.charCodeAt(0);
    if (code < 0x20) return this.#inside(character);
    if (code === 0x7f) return '';
    if (code > 0x7f) {
      this.#state = 'text';
      return this.#take(character);
    }
    if (!this.#control.add(character)) return '';
    this.#state = 'text';
    const { shown, fullScreen } = this.#control.end();
    this.#isFullScreen = fullScreen ?? this.#isFullScreen;
    return shown;
  }

  /** Terminals carry out a control character in the middle of a sequence and then go on with it. */
  #inside(character: string): string {
    if (character === escape) this.#begin();
    return harmless.has(character) ? character : '';
  }

  #beginString(kind: string): void {
    this.#state = 'string';
    this.#stringKind = kind;
    this.#string = '';
    this.#stringLength = 0;
  }

  #keepString(text: string): void {
    this.#stringLength += text.length;
    if (this.#stringKind === ']' && this.#string.length <= longestCommand) {
      this.#string = (this.#string + text).slice(0, longestCommand + 1);
    }
    if (this.#stringLength >= longestString) this.#state = 'text';
  }

  #onString(character: string): string {
    if (character === escape) this.#state = 'string-escape';
    else if (character === bell || character === stringEnd) return this.#endString();
    else this.#keepString(character);
    return '';
  }

  #endString(): string {
    this.#state = 'text';
    if (this.#stringKind !== ']' || this.#string.length > longestCommand) return '';
    const command = readCommand(this.#string);
    if (command?.kind === 'title') this.#title = cleanTitle(command.title);
    if (command?.kind !== 'link') return '';
    return this.#link.close(this.#isFullScreen) + this.#link.open(command.target);
  }
}
