import { Uri, window, type Tab } from 'vscode';
import type { Session } from '../../core/session/api.ts';
import { reviewScheme } from '../ids.ts';
import { parseReviewUri, type ReviewTarget } from './uris.ts';

/** The change sets of which a review is open now. */
export function reviewedSets(): ReadonlySet<string> {
  const targets = openTabs().flatMap(targetsOf);
  return new Set(targets.flatMap((target) => (target === undefined ? [] : [target.set])));
}

/**
 * Closes reviews that a reload brought back although their change set is no longer the one under review.
 * @param restored the sets whose reviews the window opened with: what a person has opened since stays
 */
export async function closeStaleReviews(restored: ReadonlySet<string>, current: string | undefined): Promise<void> {
  await closeReviews(({ set }) => restored.has(set) && set !== current);
}

/** Closes reviews of an earlier set of this session, and says so: what they show is not what an apply would write. */
export async function closeOvertaken(session: Session): Promise<void> {
  const current = session.changes()?.id;
  const closed = await closeReviews((target) => target.session === session.id && target.set !== current);
  if (closed > 0) window.setStatusBarMessage('The changes moved on: the review of the earlier ones was closed.', 8000);
}

async function closeReviews(isStale: (target: ReviewTarget) => boolean): Promise<number> {
  const stale = openTabs().filter((tab) => targetsOf(tab).some((target) => target === undefined || isStale(target)));
  if (stale.length > 0) await window.tabGroups.close(stale, true);
  return stale.length;
}

function openTabs(): readonly Tab[] {
  return window.tabGroups.all.flatMap((group) => group.tabs);
}

/** What the review files of a tab name; undefined for one that names nothing any more. */
function targetsOf({ input }: Tab): readonly (ReviewTarget | undefined)[] {
  return urisIn(input)
    .filter((uri) => uri.scheme === reviewScheme)
    .map(parseReviewUri);
}

/** The URIs of a tab, whichever kind it is: a text, a diff, or many diffs (a kind without a public name). */
function urisIn(input: unknown): readonly Uri[] {
  if (typeof input !== 'object' || input === null) return [];
  const direct = Object.values(input).filter((value) => value instanceof Uri);
  const many = 'textDiffs' in input && Array.isArray(input.textDiffs) ? input.textDiffs.flatMap(urisIn) : [];
  return [...direct, ...many];
}
