import type { PortRow } from '../../core/ports/rows.ts';
import type { SessionSummary } from '../../shared/view.ts';
import type { Question } from '../dialogs.ts';

/** For how long a port can be published. */
export interface PublishSpan {
  readonly label: string;
  readonly ms: number;
}

const minute = 60_000;

export const publishSpans: readonly PublishSpan[] = [
  { label: '15 minutes', ms: 15 * minute },
  { label: '1 hour', ms: 60 * minute },
  { label: '8 hours', ms: 480 * minute },
];

/** The words of the dialog that stands before publishing. */
export function publishQuestion(
  { port, program, label }: Pick<PortRow, 'port' | 'program' | 'label'>,
  span: PublishSpan,
  { title, sandbox }: Pick<SessionSummary, 'title' | 'sandbox'>,
): Question {
  const what = label ?? program;
  return {
    message: `Publish port ${port}${what === undefined ? '' : ` (${what})`} on the internet?`,
    detail:
      'It becomes public on the internet, without a password: everybody who has or guesses its address can use it.\n\n' +
      `It belongs to “${title}” in ${sandbox}. It is taken back after ${span.label}, when the sandbox stops and when ` +
      'the session ends. If no window has the session open at that time, it is taken back by the next one that opens it.',
  };
}
