import type { LogEvent } from './events.ts';

interface Words {
  readonly level: 'info' | 'warning';
  readonly text: string;
}

/** What an apply did, and what it passed over. */
export function appliedWords({ applied, skipped }: Extract<LogEvent, { t: 'applied' }>): Words {
  return said(`Applied ${files(applied)} to your folder.`, skipped);
}

/** What taking the last apply back did, and what it passed over. */
export function undoneWords({ restored, skipped }: Extract<LogEvent, { t: 'undone' }>): Words {
  if (restored.length === 0) return { level: 'warning', text: `Undo restored nothing: ${named(skipped)}.` };
  return said(`Restored ${files(restored)} to what was there before the last apply.`, skipped);
}

type Skipped = readonly (string | { readonly path: string; readonly why: string })[];

function said(text: string, skipped: Skipped): Words {
  return skipped.length === 0
    ? { level: 'info', text }
    : { level: 'warning', text: `${text} Skipped: ${named(skipped)}.` };
}

function named(skipped: Skipped): string {
  return skipped.map((one) => (typeof one === 'string' ? one : skippedWords(one))).join(', ');
}

/** A path and, as a part of a sentence, why it was passed over. */
export function skippedWords({ path, why }: { readonly path: string; readonly why: string }): string {
  const isWord = /^[A-Z][a-z]*\b/.test(why);
  const inside = (isWord ? why.charAt(0).toLowerCase() + why.slice(1) : why).replace(/\.$/, '');
  return `${path} (${inside})`;
}

function files({ length }: readonly string[]): string {
  return `${length} file${length === 1 ? '' : 's'}`;
}
