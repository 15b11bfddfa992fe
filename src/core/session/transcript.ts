import type { TranscriptItem } from '../../shared/view.ts';
import type { Outcome } from '../sandbox.ts';
import type { LogEvent, LoggedEvent } from './events.ts';
import { noticeOf, settlesSandbox, withoutMending, withoutStart } from './notices.ts';

/** Most characters of one command's output that the transcript keeps: its tail. The log keeps no more than this either. */
export const maxOutputCharacters = 200_000;

type Item<K extends TranscriptItem['kind']> = Extract<TranscriptItem, { kind: K }>;

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
    const { event } = logged;
    const touched = settlesSandbox(event) ? this.#withdraw(withoutStart) : [];
    if (event.t === 'turn-started') touched.push(...this.#withdraw(withoutMending));
    const item = this.#fold(logged);
    if (item !== undefined) touched.push(this.#put(item));
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

  /** What was offered is of no use any more. */
  #withdraw(without: (item: TranscriptItem) => TranscriptItem | undefined): TranscriptItem[] {
    return this.items().flatMap((item) => {
      const told = without(item);
      return told === undefined ? [] : [this.#put(told)];
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
