import type { OpId } from '../../shared/ids.ts';
import type { GuestPath } from '../paths.ts';
import type { Pipe } from '../pipe.ts';
import type { Settled } from '../settled.ts';

export interface TerminalRequest {
  /** Names the terminal, so that it can be joined; absent: nobody will ask for it again. */
  readonly op?: OpId;
  readonly cwd: GuestPath;
  readonly cols: number;
  readonly rows: number;
  /** Absent: a login shell. */
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What to do with the terminal when our connection drops, where it can be kept. Absent: `kill`. */
  readonly onLinkLoss?: 'kill' | 'keep';
}

/** A terminal inside: bytes both ways. `detach` leaves it running where the provider keeps terminals. */
export interface Terminal extends Pipe {
  /** Where it can be come back to: its operation, where it can be joined by that. */
  readonly id?: string;
  resize(cols: number, rows: number): Promise<void>;
  detach(): Promise<void>;
  kill(): Promise<Settled>;
  readonly ended: Promise<TerminalEnd>;
}

/** Why a terminal's bytes ended. `lost` with `reattach`: it may still run and can be asked for again. */
export type TerminalEnd =
  { kind: 'exited'; code?: number } | { kind: 'detached' } | { kind: 'lost'; reattach: boolean };

/** What every transfer of many files obeys and tells. */
