import { count } from '../../shared/count.ts';
import { few } from '../../shared/few.ts';
import type { TranscriptItem } from '../../shared/view.ts';
import { appliedWords, undoneWords } from './applyWords.ts';
import type { LogEvent } from './events.ts';
import { fixOf, type MaybeFixed } from './fixes.ts';
import { allowedText, revokedText } from './networkEvents.ts';
import { attachedWords, endedWords, snapshotWords } from './sandboxWords.ts';

type Notice = Extract<TranscriptItem, { kind: 'notice' }>;

/** Buttons that bring a sandbox back. */
const startsSandbox: ReadonlySet<string> = new Set(['restart-sandbox', 'resume-sandbox', 'refill-sandbox']);

/** True where a sandbox runs again, or none of what was offered can bring it back. */
export function settlesSandbox(event: LogEvent): boolean {
  return event.t === 'ended' || (event.t === 'sandbox' && (event.state === 'running' || event.state === 'gone'));
}

/** A notice that offers to bring a sandbox back, without its button; undefined for everything else. */
export function withoutStart(item: TranscriptItem): Notice | undefined {
  return withoutFix(item, startsSandbox);
}

function withoutFix(item: TranscriptItem, fixes: ReadonlySet<string>): Notice | undefined {
  if (item.kind !== 'notice' || item.fix === undefined || !fixes.has(item.fix.id)) return undefined;
  return withoutButton(item);
}

/** A notice as it is told where its button is of no use. */
export function withoutButton({ fix: _fix, ...told }: Notice): Notice {
  return told;
}

/** Buttons that would do something about a turn that failed; trying again sends the last prompt, whichever that is. */
const mendsTurn: ReadonlySet<string> = new Set(['retry', 'continue', 'set-key', 'choose-model']);

/** A notice that offers to mend a turn, without its button; undefined for everything else. */
export function withoutMending(item: TranscriptItem): Notice | undefined {
  return withoutFix(item, mendsTurn);
}

/** What a record of the log says beside prompts, answers and cards; undefined where it says nothing. */
export function noticeOf(event: LogEvent, id: string): Notice | undefined {
  switch (event.t) {
    case 'upload-approved':
      return info(
        id,
        `You agreed to send ${count(event.files, 'file')} in${event.held ? `; ${count(event.held, 'path')} held back` : ''}.`,
      );
    case 'sandbox':
      return sandboxNotice(event, id);
    case 'sync-done':
      return syncNotice(event, id);
    case 'turn-ended':
      return turnNotice(event, id);
    case 'applied':
      return { kind: 'notice', id, ...appliedWords(event) };
    case 'undone':
      return { kind: 'notice', id, ...undoneWords(event) };
    case 'hosts-allowed':
      return info(id, allowedText(event));
    case 'hosts-revoked':
      return info(id, revokedText(event));
    case 'refill-intent':
      return info(
        id,
        `Starting a new sandbox with ${count(event.files, 'file')} of the last checkpoint. What the one that is gone did after that is lost; changes not taken home yet are still offered.`,
      );
    case 'snapshot-taken':
    case 'snapshot-intent':
      return info(id, snapshotWords(event));
    case 'attached':
      return info(id, attachedWords(event));
    case 'ended':
      return info(id, endedWords(event));
    default:
      return undefined;
  }
}

function syncNotice(event: Extract<LogEvent, { t: 'sync-done' }>, id: string): Notice | undefined {
  const { chosen = [], files, kind, leftOut = [], problem } = event;
  if (problem) return problemNotice(id, problem);
  const sent = kind === 'push' && files > 0 ? [`You sent ${count(files, 'changed file')} in.`] : [];
  const byChoice =
    chosen.length > 0 ? [`Sent because you chose it, though held back by the rules: ${few(chosen)}.`] : [];
  if (leftOut.length > 0) return warning(id, [...byChoice, leftOutText(leftOut)].join(' '));
  const said = [...sent, ...byChoice];
  return said.length > 0 ? info(id, said.join(' ')) : undefined;
}

function leftOutText(leftOut: readonly string[]): string {
  return `Held back while copying, because they look like secrets or could not be read: ${few(leftOut)}. “Choose Held-Back Files to Send…” lets single ones in.`;
}

function sandboxNotice(event: Extract<LogEvent, { t: 'sandbox' }>, id: string): Notice | undefined {
  if (event.state === 'gone') return goneNotice(event.problem, id);
  if (event.problem) return problemNotice(id, event.problem);
  if (event.restarted) {
    return warning(id, 'The sandbox was restarted on the same files. What was running in it has ended.');
  }
  if (event.state === 'paused') {
    const paused = 'Sandbox paused. Its programs go on where they were when you resume it.';
    return withFix(info(id, paused), { fix: 'resume-sandbox' });
  }
  if (event.state !== 'stopped') return undefined;
  return withFix(info(id, 'Sandbox stopped. Its files stay.'), { fix: 'restart-sandbox' });
}

function goneNotice(problem: LoggedProblem | undefined, id: string): Notice {
  const text = problem?.detail ?? 'The sandbox is gone. What was taken in before is still here.';
  return withFix(warning(id, text), problem);
}

function turnNotice(event: Extract<LogEvent, { t: 'turn-ended' }>, id: string): Notice | undefined {
  if (event.problem) return problemNotice(id, event.problem);
  if (event.how === 'stopped') return info(id, 'You stopped this turn.');
  if (event.how === 'interrupted') {
    return warning(id, 'This turn was interrupted when the window closed. Its finished work is kept.');
  }
  return undefined;
}

interface LoggedProblem extends MaybeFixed {
  readonly detail: string;
}

function problemNotice(id: string, problem: LoggedProblem): Notice {
  return withFix({ kind: 'notice', id, level: 'error', text: problem.detail }, problem);
}

function withFix(notice: Notice, mended: MaybeFixed = {}): Notice {
  const fix = fixOf(mended);
  return fix === undefined ? notice : { ...notice, fix };
}

const info = (id: string, text: string): Notice => ({ kind: 'notice', id, level: 'info', text });
const warning = (id: string, text: string): Notice => ({ kind: 'notice', id, level: 'warning', text });
