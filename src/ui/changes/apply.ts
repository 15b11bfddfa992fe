import { Uri, window, workspace } from 'vscode';
import type { RelPath } from '../../core/paths.ts';
import { fail } from '../../core/problem.ts';
import type { Session } from '../../core/session/api.ts';
import type { Change, ChangeSet } from '../../core/sync/types.ts';
import { askModally } from '../dialogs.ts';
import { confirmApply, confirmUndo } from '../gestures.ts';
import { views } from '../ids.ts';
import { inView } from '../progress.ts';
import type { Services } from '../services.ts';
import { isConflict, pathsOf } from './model.ts';
import {
  applyQuestion,
  rejectQuestion,
  resultSentence,
  undoQuestion,
  unsavedQuestion,
  unseenWarning,
} from './texts.ts';
import type { ChangesTree } from './tree.ts';
import { showInformation, showWarning } from '../notify.ts';
import { unsavedAmong } from './unsaved.ts';

const openFirst = 'Open the folder of this session first.';

/**
 * Writes the checked changes of the shown session into its folder, after a native dialog that names them. Takes no
 * arguments: whoever runs the command, the person sees and decides.
 */
export async function applyChecked({ active, seen }: Services, tree: ChangesTree): Promise<void> {
  const session = active.required();
  if (!(await savedFirst(session, tree, pathsOf(tree.checked()), 'apply'))) return;
  const set = session.changes();
  const chosen = tree.checked();
  if (set === undefined || chosen.length === 0) fail('bad-input', 'Check the changes that you want to apply first.');
  const folder = session.folder?.name ?? fail('folder-unavailable', openFirst, { fix: 'open-folder' });
  const unseen = unseenWarning(seen.movedOn(session.id, chosen));
  const gesture = await confirmApply(set, applyQuestion(chosen, folder, [...set.warnings, ...unseen]));
  if (gesture === undefined) return;
  const choice = { paths: pathsOf(chosen), takeTheirs: pathsOf(chosen.filter(isConflict)) };
  const result = await inView(views.changes, () => session.apply(set.id, choice, gesture));
  tree.refresh();
  if (result.skipped.length > 0) {
    void showWarning(resultSentence('Applied', result, folder));
  } else {
    window.setStatusBarMessage(resultSentence('Applied', result, folder), 8000);
  }
}

/** Unsaved edits in files that would be written are saved and compared again, if the person agrees. */
async function savedFirst(
  session: Session,
  tree: ChangesTree,
  paths: Iterable<RelPath>,
  act: 'apply' | 'undo',
): Promise<boolean> {
  const root = session.folder?.path;
  if (root === undefined) return true;
  const files = [...paths].map((path) => Uri.joinPath(Uri.file(root), path));
  const dirty = unsavedAmong([...workspace.textDocuments, ...workspace.notebookDocuments], files);
  if (dirty.length === 0) return true;
  const { button, ...question } = unsavedQuestion(
    dirty.map(({ uri }) => workspace.asRelativePath(uri)),
    act,
  );
  if ((await askModally(question, button)) !== button) return false;
  for (const document of dirty) {
    if (!(await document.save())) fail('apply-failed', `${workspace.asRelativePath(document.uri)} could not be saved.`);
  }
  await inView(views.changes, () => session.refreshChanges(new AbortController().signal, { folderOnly: true }));
  tree.refresh();
  return true;
}

/** Brings back what the last apply replaced, after a native dialog; asks where a file changed since. */
export async function undoLastApply({ active }: Services, tree: ChangesTree): Promise<void> {
  const session = active.required();
  const last = async () => (await session.undoable()) ?? fail('not-found', 'There is no apply to undo.');
  if (!(await savedFirst(session, tree, (await last()).paths, 'undo'))) return;
  const undoable = await last();
  const folder = session.folder?.name ?? fail('folder-unavailable', openFirst, { fix: 'open-folder' });
  const since = undoable.changedSince;
  const answer = await confirmUndo(undoable.set, undoQuestion(undoable, folder, Date.now()), since.length);
  if (answer === undefined) return;
  const overwrite = new Set(answer.overwrite ? since : []);
  const result = await inView(views.changes, () => session.undo(overwrite, answer.gesture));
  tree.refresh();
  const sentence = resultSentence('Restored', result, folder);
  if (result.skipped.length > 0) void showWarning(sentence);
  else window.setStatusBarMessage(sentence, 8000);
}

/**
 * Rejects what a person chose, after a native dialog that names it: the row whose menu was used (with the selection that
 * it is part of), else the selected changes, or all of the shown set where none is selected.
 */
export async function rejectChanges({ active }: Services, tree: ChangesTree, row?: string): Promise<void> {
  const session = active.required();
  const set = session.changes();
  const chosen = set === undefined ? [] : chosenToReject(set, pathsOf(tree.selected()), row);
  if (set === undefined || chosen.length === 0) fail('bad-input', 'There is nothing to reject.');
  const reject = 'Reject';
  if ((await askModally(rejectQuestion(chosen), reject)) !== reject) return;
  await inView(views.changes, () => session.reject(set.id, [...pathsOf(chosen)]));
  tree.refresh();
}

/** Takes all rejections back. Nothing is written: what was refused is merely shown again. */
export async function offerRejected({ active }: Services, tree: ChangesTree): Promise<void> {
  const session = active.required();
  const before = session.changes()?.changes.length ?? 0;
  await inView(views.changes, () => session.offerRejected());
  tree.refresh();
  const more = (session.changes()?.changes.length ?? 0) - before;
  if (more <= 0) void showInformation('No rejected change still differs from your folder.');
}

function chosenToReject(set: ChangeSet, selected: ReadonlySet<string>, row: string | undefined): readonly Change[] {
  const wanted = row === undefined || selected.has(row) ? selected : new Set([row]);
  const chosen = set.changes.filter(({ path }) => wanted.has(path));
  // A menu opens on a row without selecting it.
  const all = row === undefined && chosen.length === 0;
  return (all ? set.changes : chosen).filter(({ merge }) => merge !== 'blocked');
}
