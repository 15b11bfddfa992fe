import { setTimeout as sleep } from 'node:timers/promises';
import { problemOf } from '../../../core/problem.ts';
import type { Exec, Outcome } from '../../../core/sandbox.ts';
import type { OpId } from '../../../shared/ids.ts';
import { OutputQueue } from '../../common/outputQueue.ts';
import { Input } from './input.ts';
import type { JobRequest } from './jobRequest.ts';
import { afterDeadlineMs, foundWithinMs, mostBeginnings, mostBroken, noProgressMs } from './limits.ts';
import { LogReader, type LogRecord } from './log.ts';
import { notBegun, outcomeOf, stoppedWithAll, unknown } from './outcomes.ts';
import { askToEnd, sendSignal } from './tell.ts';
import { type Broken, type Followed, type WayEnd, type Ways, withoutEnd } from './way.ts';

interface Piece {
  readonly fd: 1 | 2;
  readonly bytes: Uint8Array;
  /** Offset of the log behind it. */
  readonly end: number;
}

/**
 * One command as it is followed from here, over whichever way there is: when one breaks, another takes up the log where
 * it was. It is the way's business to carry bytes, and this one's to know what is true.
 */
export class Job implements Exec, Followed {
  readonly op: OpId;
  readonly name = crypto.randomUUID();
  readonly spec: Uint8Array | undefined;
  wide: boolean;
  readonly input: Input | undefined;
  readonly output: AsyncIterable<{ fd: 1 | 2; bytes: Uint8Array }>;
  readonly outcome: Promise<Outcome>;
  /** Resolves with the first thing that is known: it runs or ran, or the word that it cannot be followed. */
  readonly first: Promise<'found' | 'none' | 'lost'>;
  /** Resolves once the command runs, or with its outcome where it never did or that was missed. */
  readonly started: Promise<void>;
  readonly #ways: Ways;
  readonly #reader: LogReader;
  readonly #queue: OutputQueue<Piece>;
  readonly #over = new AbortController();
  #settle: (outcome: Outcome) => void = () => undefined;
  #settleFirst: (word: 'found' | 'none' | 'lost') => void = () => undefined;
  #settleStarted: () => void = () => undefined;
  #full = false;
  /** Nobody will read what still comes. */
  #unread = false;
  #pending = 0;
  #parsed = 0;
  #consumed = 0;
  #begun: 'no' | 'maybe' | 'yes';
  #beginnings = 0;
  #aborted = false;
  #onConsumed: () => void = () => undefined;

  constructor(ways: Ways, request: JobRequest) {
    this.op = request.op;
    this.spec = request.spec;
    this.wide = request.wide === true || request.stdin !== undefined;
    this.#ways = ways;
    this.#reader = new LogReader((told, end) => this.#hear(told, end), { mayMiss: request.mayMiss === true });
    this.#begun = request.spec === undefined ? 'maybe' : 'no';
    if (request.stdin !== undefined) this.input = new Input(request.stdin, ways.mostUntaken);
    this.#queue = new OutputQueue({
      pause: () => (this.#full = true),
      resume: () => {
        this.#full = false;
        this.#onConsumed();
      },
    });
    this.output = this.#handOut();
    this.first = new Promise((resolve) => (this.#settleFirst = resolve));
    this.started = new Promise((resolve) => (this.#settleStarted = resolve));
    const settled = new Promise<Outcome>((resolve) => (this.#settle = resolve));
    const onAbort = () => void this.#abort();
    const late = this.#late(request.deadlineMs);
    this.outcome = settled.finally(() => {
      clearTimeout(late);
      request.signal?.removeEventListener('abort', onAbort);
    });
    request.signal?.addEventListener('abort', onAbort, { once: true });
    void this.input?.broke.then(() => this.#abort());
    void this.#live();
  }

  get over(): AbortSignal {
    return this.#over.signal;
  }

  get wanted(): number {
    return this.#reader.wanted;
  }

  get consumed(): number {
    return this.#pending === 0 || this.#unread ? this.#parsed : this.#consumed;
  }

  onConsumed(listener: () => void): void {
    this.#onConsumed = listener;
  }

  /** Resolves when the reader has caught up enough for more to be fetched. */
  async #room(): Promise<void> {
    while (this.#full && !this.#isOver()) await new Promise<void>((resolve) => (this.#onConsumed = resolve));
  }

  beginAt(offset: number | undefined): void {
    this.#begun = 'yes';
    this.#settleFirst('found');
    if (offset === undefined) this.#reader.endAlone();
    else this.#reader.beginAt(offset);
  }

  take(offset: number, bytes: Uint8Array): void {
    this.#reader.take(offset, bytes);
  }

  /** As {@link first}, or `silent` where nothing is known in time. Unless it was found it is followed no further. */
  async found(): Promise<'found' | 'none' | 'lost' | 'silent'> {
    let late: NodeJS.Timeout | undefined;
    const silent = new Promise<'silent'>((resolve) => (late = setTimeout(() => resolve('silent'), foundWithinMs)));
    const first = await Promise.race([this.first, silent]);
    clearTimeout(late);
    if (first !== 'found') this.letGo();
    return first;
  }

  /** Follows it no further: it goes on, and whoever asks for it finds it. */
  letGo(): void {
    this.#end(unknown('The command was let go of.'));
  }

  async interrupt(signal: 'INT' | 'TERM' | 'KILL'): Promise<void> {
    await sendSignal(this.#ways, this.op, signal, this.over);
  }

  async #live(): Promise<void> {
    let broken = 0;
    while (!this.#isOver()) {
      const before = this.wanted;
      const begin = this.#begun === 'no';
      if (begin) this.#beginnings += 1;
      const end = await this.#ways
        .choose(this)
        .follow(this, begin)
        .catch((error: unknown): WayEnd => ({ kind: 'broken', problem: problemOf(error, 'service-failed') }));
      if (this.#isOver()) return;
      const failed = end.kind === 'broken' || end.kind === 'unopened' || end.kind === 'complete';
      broken = failed && this.wanted === before ? broken + 1 : 0;
      const outcome = await this.#judge(end, broken);
      if (outcome !== undefined) this.#end(outcome);
      else if (this.wanted === before) await this.#pause(noProgressMs);
    }
  }

  /** What the end of a way means for the command; undefined: it is followed further. */
  async #judge(end: WayEnd, broken: number): Promise<Outcome | undefined> {
    switch (end.kind) {
      case 'complete':
        return await this.#broke(withoutEnd, broken);
      case 'more':
        this.wide ||= end.much;
        await this.#room();
        return undefined;
      case 'closed':
        return undefined;
      case 'refused':
        return await this.#refused(end.word);
      case 'unopened':
      case 'broken':
        return await this.#broke(end, broken);
    }
  }

  async #refused(word: 'dup' | 'none' | 'lost' | 'failed'): Promise<Outcome | undefined> {
    this.#settleFirst(word === 'none' && this.spec === undefined ? 'none' : 'lost');
    if (this.#ways.stoppedByUs()) return stoppedWithAll;
    if (word === 'failed') return notBegun('The sandbox has no room or process left for a command.');
    if (word === 'dup') {
      if (this.#beginnings === 1) return unknown('A command of this operation was started before.');
      this.#begun = 'maybe';
      return undefined;
    }
    if (word === 'none' && this.#begun === 'maybe' && this.spec !== undefined) return await this.#neverCame();
    await this.#ways.stillRuns().catch(() => false);
    return unknown('What ran in the sandbox ended with it.');
  }

  /**
   * The request to begin was lost, or is still on its way. An operation begins once in a sandbox, however often it is
   * asked for: so it is asked for again, and after that it is made sure that none begins it any more.
   */
  async #neverCame(): Promise<Outcome | undefined> {
    if (!this.#aborted && this.#beginnings < mostBeginnings) {
      this.#begun = 'no';
      return undefined;
    }
    const never = await this.#ways.void(this.op).catch(() => false);
    return never ? notBegun('The command did not reach the sandbox.') : undefined;
  }

  async #broke(end: Broken, times: number): Promise<Outcome | undefined> {
    const { problem: why, isOff = false } = end;
    const refused = why.delivery === 'never-sent';
    const nothingLeft = this.#begun === 'no' && this.#beginnings === 1 && (refused || end.kind === 'unopened');
    if (nothingLeft && refused) {
      if (isOff) await this.#ways.stillRuns().catch(() => false);
      return isOff ? notBegun('The sandbox is not running.') : { kind: 'not-started', problem: why };
    }
    if (nothingLeft) this.#beginnings = 0;
    else if (this.#begun === 'no') this.#begun = 'maybe';
    this.#ways.log(`lost sight of ${this.op} (${why.id}), looking again`);
    const runs = await this.#ways.stillRuns().catch(() => undefined);
    if (nothingLeft && (runs === false || times >= mostBroken)) return { kind: 'not-started', problem: why };
    if (this.#ways.stoppedByUs()) return stoppedWithAll;
    if (runs === false || times >= mostBroken) {
      this.#settleFirst('lost');
      return { kind: 'unknown', problem: { ...why, id: 'sandbox-lost', delivery: 'maybe-sent' } };
    }
    await this.#pause(Math.min(200 * 2 ** times, 5000));
    return undefined;
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.over }).catch(() => undefined);
  }

  /** What the job answers is the outcome. */
  async #abort(): Promise<void> {
    if (this.#isOver()) return;
    this.#aborted = true;
    this.input?.close();
    // Nothing is let flow before: it would come to its end by itself meanwhile.
    await askToEnd(this.#ways, this.op, this.over, () => this.#letFlow());
    if (this.#isOver()) return;
    if (this.#ways.stoppedByUs()) this.#end(stoppedWithAll);
    else this.#end(unknown('The sandbox does not confirm that the command was ended.'));
  }

  #hear(told: LogRecord, end: number): void {
    this.#parsed = end;
    switch (told.kind) {
      case 'started':
        this.#settleStarted();
        break;
      case 'output':
        if (told.bytes.length === 0) break;
        this.#pending += 1;
        if (!this.#queue.push({ fd: told.fd, bytes: told.bytes, end })) this.#pending -= 1;
        break;
      case 'input':
        this.input?.took(told.taken, told.closed);
        break;
      case 'ended':
        this.#end(outcomeOf(told.end));
    }
    if (this.#pending === 0 || this.#unread) this.#onConsumed();
  }

  async *#handOut(): AsyncGenerator<{ fd: 1 | 2; bytes: Uint8Array }> {
    try {
      for await (const { fd, bytes, end } of this.#queue) {
        this.#pending -= 1;
        this.#consumed = end;
        this.#onConsumed();
        yield { fd, bytes };
      }
    } finally {
      this.#letFlow();
    }
  }

  #letFlow(): void {
    this.#unread = true;
    this.#queue.letFlow();
    this.#onConsumed();
  }

  #late(deadlineMs: number | undefined): NodeJS.Timeout | undefined {
    if (deadlineMs === undefined) return undefined;
    const why = unknown('The sandbox does not tell how the command ended at its deadline.');
    return setTimeout(() => this.#end(why), Math.min(deadlineMs + afterDeadlineMs, 2 ** 31 - 1)).unref();
  }

  #isOver(): boolean {
    return this.over.aborted;
  }

  #end(outcome: Outcome): void {
    if (this.#isOver()) return;
    this.#settleFirst('found');
    this.#settleStarted();
    this.#over.abort();
    this.input?.close();
    this.#queue.end();
    this.#onConsumed();
    this.#settle(outcome);
  }
}
