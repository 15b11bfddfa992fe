import { ruleText, type HostRule } from './hostRule.ts';

/** For how long a host stays allowed: until the session ends, or also in the folder's later sessions. */
export type Lasts = 'session' | 'folder';

/** A host that a person allowed. */
export interface AllowedHost {
  readonly rule: HostRule;
  readonly lasts: Lasts;
}

/** The list with rules added; a rule of the same words replaces the one that was there. */
export function withRules(list: readonly AllowedHost[], rules: readonly HostRule[], lasts: Lasts): AllowedHost[] {
  const texts = new Set(rules.map(ruleText));
  return [...list.filter(({ rule }) => !texts.has(ruleText(rule))), ...rules.map((rule) => ({ rule, lasts }))];
}

/** The list without the rules of these words. */
export function withoutRules(list: readonly AllowedHost[], texts: readonly string[]): AllowedHost[] {
  return list.filter(({ rule }) => !texts.includes(ruleText(rule)));
}

/** What a gesture for allowing hosts is about: these hosts, in this session, for so long. */
export function hostsSubject(session: string, rules: readonly HostRule[], lasts: Lasts): string {
  const hosts = rules.map((rule) => `${ruleText(rule)}${rule.lan === true ? ' (private)' : ''}`);
  return [session, lasts, ...hosts.toSorted()].join('\n');
}

/**
 * What a sandbox' way to the network is, in the words of every indicator. `reachesHere`: also what listens on this
 * machine's own loopback.
 */
export function networkWords(egress: 'none' | 'allow-list' | 'open', hosts: number, reachesHere = false): string {
  if (egress === 'open') return 'open network';
  if (egress === 'none' || hosts === 0) return reachesHere ? 'network: this machine only' : 'no network';
  return `network: ${hosts} host${hosts === 1 ? '' : 's'}${reachesHere ? ' and this machine' : ''}`;
}
