import type { LastCheckpoint } from '../../core/session/api.ts';
import type { SessionSummary } from '../../shared/view.ts';
import type { Question } from '../dialogs.ts';
import { bytes, count } from '../words.ts';

/** What the native dialog says before another sandbox is made in place of one that is gone. */
export function refillQuestion(
  { changes, sandbox, title }: Pick<SessionSummary, 'changes' | 'sandbox' | 'title'>,
  { at, bytes: size, files }: LastCheckpoint,
  isBilled: boolean,
): Question {
  const pending = changes === 0 ? '' : ` Not taken home yet and still offered: ${count(changes, 'change')}.`;
  return {
    message: `Start a new sandbox (${sandbox}) for “${title}” from the last checkpoint?`,
    detail: [
      `The old one is gone. ${count(files, 'file')} (${bytes(size)}) go into the new one, as they were last taken in on ${new Date(at).toLocaleString()}.${pending}`,
      'What the old one did after that is lost, and so is what was installed or running in it.',
      ...(isBilled ? ['A new computer costs money while it runs.'] : []),
    ].join('\n\n'),
  };
}
