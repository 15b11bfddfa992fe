import { commands, type Uri } from 'vscode';
import type { Session } from '../../core/session/api.ts';
import type { Change, ChangeSet, Side } from '../../core/sync/types.ts';
import { visibleLine } from '../../shared/visible.ts';
import { groupsOf } from '../changes/model.ts';
import { reviewUri, type ReviewSide } from './uris.ts';

const image = /\.(?:png|jpe?g|gif|webp|bmp|ico|avif)$/i;
const mostImages = 5;

/** One row of a native multi-diff: label, before, after. */
type DiffRow = readonly [label: Uri, before: Uri | undefined, after: Uri | undefined];

/** The two sides of a change: what the folder held when the set was frozen, and what applying would write. */
function diffRow(session: Session, set: ChangeSet, change: Change): DiffRow {
  const at = (side: ReviewSide) => reviewUri(session, set.id, change, side);
  const before = isFile(change.ours) ? at('ours') : undefined;
  const wanted = change.result === undefined ? 'theirs' : 'result';
  const after = isFile(change.theirs) ? at(wanted) : undefined;
  return [after ?? before ?? at('theirs'), before, after];
}

function isFile(side: Side): boolean {
  return typeof side !== 'string' && side.t === 'file';
}

/** Opens all changes of a set in the native multi-diff, images (which it cannot draw) in diffs of their own. */
export async function openReview(session: Session, set: ChangeSet): Promise<void> {
  const all = groupsOf(set).flatMap(({ changes }) => changes);
  const shown = all.filter((change) => isFile(change.ours) || isFile(change.theirs));
  for (const change of shown.filter(({ path }) => image.test(path)).slice(0, mostImages)) {
    // In the editor's one tab for previews each would take the place of the one before, and the review that of the last.
    await openChange(session, set, change, { preview: false });
  }
  const rows = shown.filter(({ path }) => !image.test(path)).map((change) => diffRow(session, set, change));
  const how = set.twoWay === true ? ', compared two ways' : '';
  const title = `Review ${session.summary().folder}${how}`;
  if (rows.length > 0) await commands.executeCommand('vscode.changes', title, rows);
}

/** Opens one change: images side by side, text as a diff that also shows a missing side. */
export async function openChange(
  session: Session,
  set: ChangeSet,
  change: Change,
  how: { readonly preview: boolean } = { preview: true },
): Promise<void> {
  const [label, before, after] = diffRow(session, set, change);
  const title = `${visibleLine(change.path)} (folder ↔ sandbox)`;
  if (before !== undefined && after !== undefined) {
    await commands.executeCommand('vscode.diff', before, after, title, how);
  } else if (image.test(change.path)) {
    await commands.executeCommand('vscode.open', label, how);
  } else {
    await commands.executeCommand('vscode.changes', title, [[label, before, after]]);
  }
}
