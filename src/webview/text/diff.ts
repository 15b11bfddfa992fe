import { visibleCode } from '../../shared/visible.ts';

export type DiffLineKind = 'added' | 'removed' | 'context' | 'place' | 'file';

export interface DiffLine {
  readonly kind: DiffLineKind;
  readonly text: string;
}

export interface Diff {
  readonly lines: readonly DiffLine[];
  readonly added: number;
  readonly removed: number;
  /** Lines that are not among `lines`. */
  readonly left: number;
}

const mostLines = 600;
const longestLine = 2_000;

/** Reads a unified diff, or the looser patch text of coding models, into lines to be drawn. */
export function parseDiff(text: string): Diff {
  const all = text.replace(/\n$/, '').split('\n');
  const kinds = all.map((line, index) => kindOf(line, all[index - 1] ?? '', all[index + 1] ?? ''));
  const lines = all.slice(0, mostLines).map((line, index) => ({ kind: kinds[index] ?? 'context', text: shown(line) }));
  const amount = (kind: DiffLineKind): number => kinds.filter((one) => one === kind).length;
  return { lines, added: amount('added'), removed: amount('removed'), left: all.length - lines.length };
}

/** `--- ` is a file's name only before `+++ `: alone it is a removed line that began with two dashes. */
function kindOf(line: string, before: string, after: string): DiffLineKind {
  if (line.startsWith('--- ') && after.startsWith('+++ ')) return 'file';
  if (line.startsWith('+++ ') && before.startsWith('--- ')) return 'file';
  if (/^(?:diff |index |\*\*\* )/.test(line)) return 'file';
  if (line.startsWith('@@')) return 'place';
  if (line.startsWith('+')) return 'added';
  return line.startsWith('-') ? 'removed' : 'context';
}

function shown(line: string): string {
  const text = line.replace(/\r$/, '');
  return visibleCode(text.length > longestLine ? `${text.slice(0, longestLine)} …` : text);
}
