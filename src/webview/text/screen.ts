import { AnsiParser } from './ansi.ts';
import { utf8Length } from './format.ts';
import { visibleCode } from '../../shared/visible.ts';

export interface Run {
  text: string;
  /** Class names of {@link AnsiParser}. */
  readonly style: string;
}

export interface Line {
  runs: Run[];
  /** Characters drawn. */
  length: number;
  /** Characters of an overlong line that are left out. */
  cut: number;
  /** Bytes of output that ended up in this line, drawn or not. */
  bytes: number;
}

export interface ScreenLimits {
  readonly lines: number;
  readonly characters: number;
  readonly lineCharacters: number;
}

export const cardLimits: ScreenLimits = { lines: 500, characters: 60_000, lineCharacters: 2_000 };

/**
 * The last lines of a command's output, as plain runs of styled text. A carriage return lets the line begin again, as
 * progress bars want it; there is no other cursor, so nothing can be drawn over earlier lines.
 */
export class Screen {
  readonly lines: Line[] = [emptyLine()];
  /** Bytes that the kept lines hold. */
  bytes = 0;
  private readonly limits: ScreenLimits;
  private readonly parser = new AnsiParser();
  private characters = 0;
  private returned = false;

  constructor(limits: ScreenLimits = cardLimits) {
    this.limits = limits;
  }

  /**
   * Adds output. Returns how many lines were dropped at the front and, counted after that, the first line that is new
   * or changed.
   */
  feed(output: string): { readonly dropped: number; readonly changed: number } {
    let changed = this.lines.length - 1;
    const parts = output.split('\n');
    parts.forEach((part, index) => {
      const ends = index < parts.length - 1;
      this.feedLine(part, ends ? 1 : 0);
      if (ends) this.breakLine();
    });
    const dropped = this.trim();
    changed = Math.max(0, changed - dropped);
    return { dropped, changed };
  }

  private feedLine(part: string, ending: number): void {
    const line = this.last();
    const bytes = utf8Length(part) + ending;
    line.bytes += bytes;
    this.bytes += bytes;
    for (const piece of this.parser.parse(part)) {
      if (piece.kind === 'return') this.returned = true;
      else if (piece.kind === 'backspace') this.erase(line, 1);
      else if (piece.kind === 'erase-line') this.erase(line, this.returned ? line.length : 0);
      else this.write(line, piece.text, piece.style);
    }
  }

  private write(line: Line, text: string, style: string): void {
    if (this.returned) this.erase(line, line.length);
    this.returned = false;
    const room = this.limits.lineCharacters - line.length;
    line.cut += Math.max(0, text.length - Math.max(0, room));
    const fits = room > 0 ? visibleCode(text.slice(0, room)) : '';
    if (fits === '') return;
    const run = line.runs.at(-1);
    if (run?.style === style) run.text += fits;
    else line.runs.push({ text: fits, style });
    line.length += fits.length;
    this.characters += fits.length;
  }

  private erase(line: Line, amount: number): void {
    let left = Math.min(amount, line.length);
    line.length -= left;
    this.characters -= left;
    if (line.length === 0) line.cut = 0;
    while (left > 0) {
      const run = line.runs.pop();
      if (run === undefined) return;
      if (run.text.length > left) line.runs.push({ ...run, text: run.text.slice(0, -left) });
      left -= Math.min(left, run.text.length);
    }
  }

  private breakLine(): void {
    this.returned = false;
    this.lines.push(emptyLine());
  }

  private trim(): number {
    let dropped = 0;
    let kept = this.characters;
    const tooMany = (): boolean => this.lines.length - dropped > this.limits.lines || kept > this.limits.characters;
    while (this.lines.length - dropped > 1 && tooMany()) {
      const line = this.lines[dropped++];
      kept -= line?.length ?? 0;
      this.bytes -= line?.bytes ?? 0;
    }
    this.characters = kept;
    this.lines.splice(0, dropped);
    return dropped;
  }

  private last(): Line {
    return this.lines.at(-1) ?? emptyLine();
  }
}

function emptyLine(): Line {
  return { runs: [], length: 0, cut: 0, bytes: 0 };
}
