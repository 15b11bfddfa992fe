import { skippedWords } from '../../core/session/applyWords.ts';
import type { Undoable } from '../../core/session/api.ts';
import type { ApplyResult, Change } from '../../core/sync/types.ts';
import type { SessionSummary } from '../../shared/view.ts';
import { visibleLine } from '../../shared/visible.ts';
import type { Question } from '../dialogs.ts';
import { age, count, firstFew } from '../words.ts';
import { groupOf, isConflict, reasonOf, verbOf } from './model.ts';

/** What the native dialog says before chosen changes are written. */
export function applyQuestion(changes: readonly Change[], folder: string, warnings: readonly string[]): Question {
  const named = (list: readonly Change[]) =>
    firstFew(
      list.map(({ path }) => path),
      8,
    );
  const deleted = changes.filter((change) => verbOf(change) === 'deleted');
  const conflicts = changes.filter(isConflict);
  const merged = changes.filter(({ merge }) => merge === 'auto');
  const risky = changes.filter((change) => groupOf(change) === 'quarantine');
  const parts = [
    `Files: ${named(changes)}.`,
    ...warnings.map(visibleLine),
    conflicts.length > 0
      ? `The sandbox’s side is taken whole, your own edits there are replaced: ${named(conflicts)}.`
      : '',
    merged.length > 0 ? `Merged with your own edits: ${named(merged)}.` : '',
    deleted.length > 0 ? `Deleted: ${named(deleted)}.` : '',
    risky.length > 0
      ? `Runs by itself:\n${risky.map((one) => visibleLine(`• ${one.path}: ${reasonOf(one)}`)).join('\n')}`
      : '',
    '“Undo Last Apply” brings back what was there.',
  ];
  return {
    message: `Apply ${count(changes.length, 'file')} to “${folder}”?`,
    detail: parts.filter((part) => part !== '').join('\n\n'),
  };
}

/** Said where files are no longer what the last review showed. */
export function unseenWarning(changes: readonly Change[]): readonly string[] {
  if (changes.length === 0) return [];
  const names = changes.map(({ path }) => path);
  return [`Not as you last reviewed them: ${firstFew(names, 8)}. Review again to see what would be written.`];
}

/** What the view says where it has no row. */
export function emptySentence({ elsewhere, network, status }: EmptyFacts): string {
  if (elsewhere) return 'Another window works with this session. Its changes show there.';
  if (status === 'new') return 'The sandbox is not started yet.';
  if (network !== undefined) return 'Sandbox matches your folder.';
  if (status === 'paused') return 'The sandbox is paused.';
  return status === 'starting'
    ? 'The sandbox is starting.'
    : 'The sandbox does not run; nothing more of it waits to be taken home.';
}

type EmptyFacts = Pick<SessionSummary, 'elsewhere' | 'network' | 'status'>;

/** One sentence on what an apply or undo did, with what it passed over. */
export function resultSentence(
  verb: 'Applied' | 'Restored',
  { applied, skipped }: ApplyResult,
  folder: string,
): string {
  const place = verb === 'Applied' ? `to “${folder}”` : `in “${folder}”`;
  const did = `${verb} ${count(applied.length, 'file')} ${place}.`;
  if (skipped.length === 0) return did;
  const passed = firstFew(skipped.map(skippedWords), 3);
  if (applied.length > 0) return `${did} Skipped ${passed}.`;
  return `${verb === 'Applied' ? 'Nothing was applied' : 'Undo restored nothing'}: ${passed}.`;
}

/** What the native dialog says where files that would be written have unsaved edits, and what its button does. */
export function unsavedQuestion(names: readonly string[], act: 'apply' | 'undo'): Question & { button: string } {
  const [written, button] = act === 'apply' ? ['written', 'Save and Compare Again'] : ['restored', 'Save and Go On'];
  const have = names.length === 1 ? 'has' : 'have';
  return {
    message: `${count(names.length, 'file')} to be ${written} ${have} unsaved edits: ${firstFew(names)}.`,
    detail: 'They are saved first, so that your edits are merged and not passed over.',
    button,
  };
}

/** What the native dialog says before the last apply is taken back. */
export function undoQuestion(undoable: Undoable, folder: string, now: number): Question {
  const ago = age(now - undoable.at);
  const when = ago === 'now' ? 'just now' : `${ago} ago`;
  const since = undoable.changedSince;
  const later = since.length === 0 ? '' : `\n\nChanged since then: ${firstFew(since, 8)}.`;
  return {
    message: `Undo the last apply to “${folder}”?`,
    detail: `It wrote ${count(undoable.paths.length, 'file')} ${when}. What was there before comes back.${later}`,
  };
}

/** What the native dialog says before changes are rejected. */
export function rejectQuestion(changes: readonly Change[]): Question {
  return {
    message: `Reject ${count(changes.length, 'change')}?`,
    detail: `${firstFew(
      changes.map(({ path }) => path),
      8,
    )}.\n\nThey stay in the sandbox. The same content is not offered again, unless you use “Offer Rejected Changes Again”.`,
  };
}
