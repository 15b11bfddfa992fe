import { Uri } from 'vscode';
import { parseId, type ChangeSetId, type SessionId } from '../../shared/ids.ts';
import { parseRelPath, type RelPath } from '../../core/paths.ts';
import type { Session } from '../../core/session/api.ts';
import type { Change } from '../../core/sync/types.ts';
import { reviewScheme } from '../ids.ts';
import { isPlain } from './plain.ts';

const sides = ['base', 'theirs', 'ours', 'result'] as const;
export type ReviewSide = (typeof sides)[number];

/** What a review URI names. */
export interface ReviewTarget {
  readonly session: SessionId;
  readonly set: ChangeSetId;
  readonly path: RelPath;
  readonly side: ReviewSide;
}

/**
 * The URI of one side of a change: the local file's own path, only the scheme differs, so that diffs show no rename.
 * What is shown as plain text gets `.txt` at its end: no language service acts on it.
 */
export function reviewUri(session: Session, set: ChangeSetId, change: Change, side: ReviewSide): Uri {
  const root = session.folder === undefined ? Uri.file(`/${session.summary().folder}`) : Uri.file(session.folder.path);
  const path = change.path + (isPlain(change) ? '.txt' : '');
  const query = new URLSearchParams({ session: session.id, set, side, path: change.path }).toString();
  return Uri.joinPath(root, path).with({ scheme: reviewScheme, query });
}

/** Reads a review URI back; undefined for any other. */
export function parseReviewUri(uri: Uri): ReviewTarget | undefined {
  const query = new URLSearchParams(uri.query);
  const session = parseId('session', query.get('session') ?? '');
  const set = parseId('change-set', query.get('set') ?? '');
  const path = parseRelPath(query.get('path') ?? '');
  const side = sides.find((one) => one === query.get('side'));
  if (session === undefined || set === undefined || !path.ok || side === undefined) return undefined;
  return { session, set, path: path.path, side };
}
