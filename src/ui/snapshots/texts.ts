import type { Snapshot } from '../../core/snapshots.ts';
import type { SessionSummary } from '../../shared/view.ts';
import type { Question } from '../dialogs.ts';
import { age, bytes } from '../words.ts';

/** One snapshot in a list, at a moment in milliseconds since 1970. */
export function snapshotWords({ takenAt, bytes: size }: Snapshot, now: number): { label: string; description: string } {
  const ago = age(now - takenAt);
  const description = size === undefined ? '' : bytes(size);
  return { label: `$(history) ${ago === 'now' ? 'Just now' : `${ago} ago`}`, description };
}

/** What a person is asked before all that is inside is replaced. */
export function goBackQuestion({ title }: SessionSummary, { takenAt }: Snapshot, now: number): Question {
  return {
    message: `Go back to the snapshot ${when(takenAt, now)} in “${title}”?`,
    detail:
      'Files changed since then inside are replaced, and what runs there ends. What was taken in until now stays in Airlock. The review shows what differs afterwards; your folder is not touched.',
  };
}

/** What a person is asked before a snapshot is deleted. */
export function removeQuestion({ takenAt }: Snapshot, now: number): Question {
  return {
    message: `Delete the snapshot ${when(takenAt, now)}?`,
    detail: 'It cannot be brought back. The sandbox stays as it is.',
  };
}

function when(takenAt: number, now: number): string {
  const ago = age(now - takenAt);
  return ago === 'now' ? 'taken just now' : `of ${ago} ago`;
}
