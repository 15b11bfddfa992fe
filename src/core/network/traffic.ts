import type { Connection } from './connections.ts';
import { covers, ruleText, type HostRule } from './hostRule.ts';

/** What went through one rule of the list in the whole session. */
export interface Carried {
  /** The rule's text; empty for hosts that were taken back meanwhile. */
  readonly rule: string;
  readonly connections: number;
  /** Bytes that left and that came. */
  readonly sent: number;
  readonly received: number;
}

/** Counts all that goes out, by rule: as few numbers as a person made rules, however many connections there are. */
export class Traffic {
  readonly #carried = new Map<string, Carried>();
  readonly #written = new Map<string, number>();

  /** Counts a connection that ended. */
  add(rules: readonly HostRule[], { target, sent, received }: Connection): Carried {
    const found = rules.find((one) => covers(one, target));
    const rule = found === undefined ? '' : ruleText(found);
    const before = this.#carried.get(rule) ?? { rule, connections: 0, sent: 0, received: 0 };
    const after = {
      rule,
      connections: before.connections + 1,
      sent: before.sent + sent,
      received: before.received + received,
    };
    this.#carried.set(rule, after);
    return after;
  }

  /** Takes over what was written down before. */
  read(carried: Carried): void {
    this.#carried.set(carried.rule, carried);
    this.#written.set(carried.rule, sizeOf(carried));
  }

  /** True where so much came since it was last written down that it has doubled: then it is to be written again. */
  hasDoubled(carried: Carried): boolean {
    if (sizeOf(carried) < 2 * (this.#written.get(carried.rule) ?? 0)) return false;
    this.#written.set(carried.rule, sizeOf(carried));
    return true;
  }

  /** What was not written down as it stands. */
  unwritten(): readonly Carried[] {
    return [...this.#carried.values()].filter((one) => this.#written.get(one.rule) !== sizeOf(one));
  }
}

function sizeOf({ connections, sent, received }: Carried): number {
  return connections + sent + received;
}
