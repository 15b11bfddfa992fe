import type { Connection } from '../../../src/core/network/connections.ts';
import { decide, judge, type Verdict } from '../../../src/core/network/decision.ts';
import type { EgressGate } from '../../../src/core/network/egress.ts';
import { parseHostRule, type HostRule, type Target } from '../../../src/core/network/hostRule.ts';

/** A gate over a list that a test changes, which keeps what it hears. */
export class ListGate implements EgressGate {
  rules: readonly HostRule[] = [];
  /** How each connection stands, by its id, in the order in which they were first heard of. */
  readonly heard = new Map<string, Connection>();

  constructor(...texts: readonly string[]) {
    this.allow(...texts);
  }

  allow(...texts: readonly string[]): void {
    this.rules = texts.map((text) => {
      const parsed = parseHostRule(text);
      if (!parsed.ok) throw new Error(`${text}: ${parsed.why}`);
      return parsed.rule;
    });
  }

  decide(target: Target): Verdict {
    return decide(this.rules, target);
  }

  judge(target: Target, addresses: readonly string[], own: ReadonlySet<string>): Verdict {
    return judge(this.rules, target, addresses, own);
  }

  report(connection: Connection): void {
    this.heard.set(connection.id, connection);
  }

  /** The connections to a host, each as `state` or `state: why`. */
  of(host: string): string[] {
    const found = [...this.heard.values()].filter(({ target }) => target.host === host);
    return found.map(({ state, why }) => (why === undefined ? state : `${state}: ${why}`));
  }
}
