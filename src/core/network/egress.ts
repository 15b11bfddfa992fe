import type { Connection } from './connections.ts';
import type { Verdict } from './decision.ts';
import type { Target } from './hostRule.ts';

/** Who decides about the connections that programs inside ask for, and hears of each. Asked anew for every one. */
export interface EgressGate {
  /** Whether this name and port may be asked for. */
  decide(target: Target): Verdict;
  /** Whether what the name resolved to may be dialled. `own` are the addresses of this machine. */
  judge(target: Target, addresses: readonly string[], own: ReadonlySet<string>): Verdict;
  /** Tells how a connection stands; the same `id` again tells of the same one. */
  report(connection: Connection): void;
}

/** The open way out of one sandbox. It ends with the process that opened it. */
export interface Egress {
  /** Ends open connections that the gate would no longer let through. */
  recheck(): void;
  /** Ends all of them; nothing gets out from now on. */
  close(): Promise<void>;
}
