import type { Settled } from './settled.ts';

/** Files of a sandbox as they were at a moment, kept where the sandbox is. */
export interface Snapshot {
  /** Means something to its kind of sandbox alone. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly takenAt: number;
  /** What it takes up, where that is known. */
  readonly bytes?: number;
}

/** Snapshots of one sandbox that were taken through this port. They are deleted with it. */
export interface Snapshots {
  /** Takes one of a sandbox that runs, which goes on afterwards. Throws a problem where none could be taken. */
  take(): Promise<Snapshot>;
  /** The newest first. Throws what keeps it from looking. */
  list(signal: AbortSignal): Promise<readonly Snapshot[]>;
  /**
   * Puts the files of a snapshot in the place of all that is inside, and starts the sandbox on them: a new incarnation.
   * The snapshot stays. Where this breaks off nothing is certain but that the snapshot is there: it may be asked for again.
   */
  goBack(id: string, signal: AbortSignal): Promise<Settled>;
  /** Idempotent: gone is done. */
  remove(id: string): Promise<Settled>;
}
