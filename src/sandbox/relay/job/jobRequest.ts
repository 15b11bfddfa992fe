import type { OpId } from '../../../shared/ids.ts';

/** What a command is followed with. */
export interface JobRequest {
  readonly op: OpId;
  /** Absent: the job was begun before, by somebody else. */
  readonly spec?: Uint8Array;
  readonly stdin?: AsyncIterable<Uint8Array> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Much will come. */
  readonly wide?: boolean | undefined;
  /** Only the last of its output is of interest, as for a terminal. */
  readonly mayMiss?: boolean;
  readonly deadlineMs?: number | undefined;
}
