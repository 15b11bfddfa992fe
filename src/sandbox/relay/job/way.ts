import { problem, problemOf, type Problem } from '../../../core/problem.ts';
import type { Input } from './input.ts';

/** A job as a way sees it. */
export interface Followed {
  readonly op: string;
  /** Tells our followers of a job apart from others'. */
  readonly name: string;
  /** What it is begun with. */
  readonly spec: Uint8Array | undefined;
  readonly input: Input | undefined;
  /** Much comes or goes: a way that costs no request per megabyte is better. */
  readonly wide: boolean;
  /** Aborts when the outcome is known. */
  readonly over: AbortSignal;
  /** Log offset from which a way goes on; -1: the earliest that is kept. */
  readonly wanted: number;
  /** Log offset up to which everything was handed to the reader. */
  readonly consumed: number;
  /** Called when `consumed` grew or there is room again; one listener at a time. */
  onConsumed(listener: () => void): void;
  /** The log begins at `offset` here; `undefined`: only its end is left. */
  beginAt(offset: number | undefined): void;
  take(offset: number, bytes: Uint8Array): void;
}

/** How one attempt to follow a job over one way ended. */
export type WayEnd =
  /** All that there will be was given. */
  | { kind: 'complete' }
  /** There will be more; `much` where a whole window was full. */
  | { kind: 'more'; much: boolean }
  /** What the program inside says of an operation that it cannot be followed: `dup`, `none`, `lost`, `failed`. */
  | { kind: 'refused'; word: 'dup' | 'none' | 'lost' | 'failed' }
  /** The way could not be opened: nothing was sent over it. */
  | { kind: 'unopened'; problem: Problem; isOff?: boolean }
  /** The way broke. `isOff`: because the sandbox does not run. */
  | { kind: 'broken'; problem: Problem; isOff?: boolean }
  /** The sandbox does not offer this way; nothing was begun. */
  | { kind: 'closed' };

export type Broken = Extract<WayEnd, { kind: 'unopened' | 'broken' }>;

/** A way on which a job's log comes here and what the job is told goes there. */
export interface Way {
  readonly name: string;
  /** Starts the job where `begin` is set, then follows it from where its reader is. Never throws. */
  follow(job: Followed, begin: boolean): Promise<WayEnd>;
}

/** How long, in milliseconds, what was told to a job may take. */
export interface Patience {
  /** Until it is heard; it is told again then. */
  readonly hearWithinMs: number;
  /** Until the job's end is known here, once it was told to end. */
  readonly answerWithinMs: number;
}

/** What the ways of one sandbox can do together. */
export interface Ways {
  /** Absent: as over a connection that stands. */
  readonly patience?: Patience;
  /** Bytes of input that are on their way at once, at most. Absent: as over a connection that stands. */
  readonly mostUntaken?: number | undefined;
  /** The way to take now. */
  choose(job: Followed): Way;
  /**
   * Sends records to a job. `none`: there is no such operation (yet); `over`: it has ended. Throws where it cannot be reached.
   * Nothing more is done for it once `signal` aborts.
   */
  tell(op: string, records: Uint8Array, signal?: AbortSignal): Promise<'ok' | 'over' | 'none' | 'lost'>;
  /** Makes sure that an operation that has not begun never will. False: it has begun. Throws where it cannot be reached. */
  void(op: string): Promise<boolean>;
  /** Looks at the sandbox after something broke. True while it runs. */
  stillRuns(): Promise<boolean>;
  /** True when all that ran is known dead, because we stopped the sandbox. */
  stoppedByUs(): boolean;
  log(line: string): void;
}

/** How one that throws has ended. */
export function brokenBy(error: unknown): WayEnd & { kind: 'broken' } {
  return { kind: 'broken', problem: problemOf(error, 'unreachable') };
}

/** How one has ended that gave all there was, and not how the command ended: that may be found inside. */
export const withoutEnd: Broken = {
  kind: 'broken',
  problem: problem('unreachable', 'A command ended without telling how.', { delivery: 'maybe-sent' }),
};
