import { Uri, window } from 'vscode';
import { reviewScheme } from '../ids.ts';
import { parseReviewUri } from './uris.ts';

/** Closes reviews that a reload brought back although their change set is no longer the one under review. */
export async function closeStaleReviews(current: string | undefined): Promise<void> {
  const tabs = window.tabGroups.all.flatMap((group) => group.tabs);
  const stale = tabs.filter(({ input }) =>
    urisIn(input).some((uri) => uri.scheme === reviewScheme && parseReviewUri(uri)?.set !== current),
  );
  if (stale.length > 0) await window.tabGroups.close(stale, true);
}

/** The URIs of a tab, whichever kind it is: a text, a diff, or many diffs (a kind without a public name). */
function urisIn(input: unknown): readonly Uri[] {
  if (typeof input !== 'object' || input === null) return [];
  const direct = Object.values(input).filter((value) => value instanceof Uri);
  const many = 'textDiffs' in input && Array.isArray(input.textDiffs) ? input.textDiffs.flatMap(urisIn) : [];
  return [...direct, ...many];
}
