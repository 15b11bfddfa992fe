import { count } from '../../shared/count.ts';
import { few } from '../../shared/few.ts';
import type { TranscriptItem } from '../../shared/view.ts';
import type { Outcome } from '../sandbox.ts';
import { appliedWords, undoneWords } from './applyWords.ts';
import type { LogEvent, LoggedEvent } from './events.ts';
import { fixOf, type MaybeFixed } from './fixes.ts';
import { attachedWords, endedWords, snapshotWords } from './sandboxWords.ts';
import { allowedText, revokedText } from './networkEvents.ts';

/** Most characters of one command's output that the transcript keeps: its tail. The log keeps no more than this either. */
export const maxOutputCharacters = 200_000;

type Item<K extends TranscriptItem['kind']> = Extract<TranscriptItem, { kind: K }>;
type Notice = Item<'notice'>;

/**
 * Folds a session's log into what the panel shows. Pure but for its own state: the same records give the same items,
 * so a reload shows what was there before.
 */
export class Transcript {
  readonly #items = new Map<string, TranscriptItem>();
  /** Characters per command that viewers saw live and the log has not handed back yet. */
  readonly #live = new Map<string, number>();
  /** Messages of this turn that are logged. */
  #messages = 0;
  /** Messages of this turn that viewers saw whole; the log may still be on its way. */
  #spoken = 0;
  #turn = '';

  /** All items in order. */
  items(): readonly TranscriptItem[] {
    return [...this.#items.values()];
  }

  /** Takes in one record and answers with the items that are new or changed. */
  add(logged: LoggedEvent): readonly TranscriptItem[] {
    const item = this.#fold(logged);
    const touched = item === undefined ? [] : [this.#put(item)];
    const { event } = logged;
    if (event.t === 'ended' || (event.t === 'sandbox' && event.state === 'running'))
      touched.push(...this.#withdrawStarts());
    return event.t === 'turn-ended' ? [...touched, ...this.#endStreaming()] : touched;
  }

  /** Text that streams in before its whole message is logged. Answers with the item. */
  addText(delta: string): { item: TranscriptItem; isNew: boolean } {
    const id = this.#messageId(this.#spoken);
    const known = this.#items.get(id);
    const text = (known?.kind === 'message' ? known.text : '') + delta;
    const item = this.#put({ kind: 'message', id, text, streaming: true });
    return { item, isNew: known === undefined };
  }

  /** The message that streamed in is whole: what streams in next is another one. */
  endText(): void {
    this.#spoken += 1;
  }

  /** Text of the message that is streaming, for the log when a turn ends in the middle of it. */
  streamingText(): string | undefined {
    const item = this.#items.get(this.#messageId(this.#spoken));
    return item?.kind === 'message' && item.streaming ? item.text : undefined;
  }

  /** Output that streams in before it is logged. */
  addOutput(op: string, text: string): void {
    const item = this.#items.get(op);
    if (item?.kind !== 'command') return;
    this.#put(withOutput(item, text));
    this.#live.set(op, (this.#live.get(op) ?? 0) + text.length);
  }

  /** Marks a command that outlived its wait. */
  background(op: string): TranscriptItem | undefined {
    const item = this.#items.get(op);
    return item?.kind === 'command' && item.state === 'running'
      ? this.#put({ ...item, state: 'background' })
      : undefined;
  }

  /** A sandbox runs, or the session is over: there is nothing to start any more. */
  #withdrawStarts(): TranscriptItem[] {
    const offers = this.items().filter((item) => item.kind === 'notice' && startsSandbox.has(item.fix?.id));
    return offers.map((item) => {
      const { fix: _fix, ...told } = item as Notice;
      return this.#put(told);
    });
  }

  #put(item: TranscriptItem): TranscriptItem {
    this.#items.set(item.id, item);
    return item;
  }

  #messageId(index: number): string {
    return `${this.#turn}-m${index}`;
  }

  #fold({ event, at, seq }: LoggedEvent): TranscriptItem | undefined {
    switch (event.t) {
      case 'turn-started':
        this.#turn = event.turn;
        this.#messages = 0;
        this.#spoken = 0;
        return { kind: 'prompt', id: event.turn, text: event.prompt, at };
      case 'message': {
        const id = this.#messageId(this.#messages);
        this.#messages += 1;
        this.#spoken = Math.max(this.#spoken, this.#messages);
        return { kind: 'message', id, text: event.text, streaming: false };
      }
      case 'command-intent':
        return newCommand(event, at);
      case 'command-output':
        return this.#loggedOutput(event.op, event.text);
      case 'command-ended':
        return this.#endedCommand(event, at);
      case 'edit':
        return {
          kind: 'edit',
          id: `e${seq}`,
          edit: event.kind,
          path: event.path,
          ok: event.ok,
          ...optionalEdit(event),
        };
      default:
        return noticeOf(event, `n${seq}`);
    }
  }

  #loggedOutput(op: string, text: string): TranscriptItem | undefined {
    const live = this.#live.get(op) ?? 0;
    if (live >= text.length) {
      this.#live.set(op, live - text.length);
      return undefined;
    }
    const item = this.#items.get(op);
    return item?.kind === 'command' ? withOutput(item, text) : undefined;
  }

  #endedCommand(event: Extract<LogEvent, { t: 'command-ended' }>, at: number): TranscriptItem | undefined {
    const item = this.#items.get(event.op);
    this.#live.delete(event.op);
    if (item?.kind !== 'command') return undefined;
    const { outcome, omittedBytes } = event;
    const state = outcome.kind === 'unknown' ? 'unknown' : 'ended';
    const ok = outcome.kind === 'exited' && outcome.code === 0;
    const omitted = Math.max(item.omittedBytes, omittedBytes);
    return { ...item, state, ok, outcome: outcomeWords(outcome), endedAt: at, omittedBytes: omitted };
  }

  #endStreaming(): TranscriptItem[] {
    const item = this.#items.get(this.#messageId(this.#spoken));
    return item?.kind === 'message' && item.streaming ? [this.#put({ ...item, streaming: false })] : [];
  }
}

function newCommand(event: Extract<LogEvent, { t: 'command-intent' }>, at: number): TranscriptItem {
  const { op, command, cwd } = event;
  return { kind: 'command', id: op, command, cwd, output: '', omittedBytes: 0, state: 'running', startedAt: at };
}

/** A command's card with more output; only the end of much output is kept. */
export function withOutput(item: Item<'command'>, text: string): TranscriptItem {
  const output = item.output + text;
  const over = output.length - maxOutputCharacters;
  return over <= 0
    ? { ...item, output }
    : { ...item, output: output.slice(over), omittedBytes: item.omittedBytes + over };
}

function optionalEdit(event: { detail?: string | undefined; diff?: string | undefined }): Partial<Item<'edit'>> {
  return {
    ...(event.detail === undefined ? {} : { detail: event.detail }),
    ...(event.diff === undefined ? {} : { diff: event.diff }),
  };
}

type LoggedOutcome = Extract<LogEvent, { t: 'command-ended' }>['outcome'];

/** How a command ended, in words that need no colour. */
export function outcomeWords(outcome: Outcome | LoggedOutcome): string {
  switch (outcome.kind) {
    case 'exited':
      return outcome.code === 0 ? 'done' : `exit ${outcome.code}`;
    case 'signaled':
      return `ended by ${outcome.signal}`;
    case 'not-started':
      return `did not start: ${outcome.problem.detail}`;
    case 'stopped':
      return outcome.by === 'abort' ? 'stopped' : 'stopped at its time limit';
    case 'unknown':
      return `unknown: ${outcome.problem.detail}`;
  }
}

function noticeOf(event: LogEvent, id: string): Notice | undefined {
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

/** Buttons that are of no use while a sandbox runs. */
const startsSandbox: ReadonlySet<string | undefined> = new Set(['restart-sandbox', 'resume-sandbox', 'refill-sandbox']);

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
