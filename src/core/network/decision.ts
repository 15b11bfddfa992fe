import { classOf } from './addresses.ts';
import { covers, namesHost, type HostRule, type Target } from './hostRule.ts';
import type { Refusal } from './refusal.ts';

export type Verdict = { readonly ok: true } | { readonly ok: false; readonly why: Refusal };

const yes: Verdict = { ok: true };
const no = (why: Refusal): Verdict => ({ ok: false, why });

/** Whether the list lets a name and port through. */
export function decide(rules: readonly HostRule[], target: Target): Verdict {
  if (rules.some((rule) => covers(rule, target))) return yes;
  return no(rules.some((rule) => namesHost(rule, target)) ? 'port' : 'not-allowed');
}

/**
 * Whether what a name resolved to may be dialled. One address that may not be refuses all of them: a name that leads
 * to both is not what a person had in mind. A private network needs a rule that says so.
 */
export function judge(
  rules: readonly HostRule[],
  target: Target,
  addresses: readonly string[],
  own: ReadonlySet<string>,
): Verdict {
  if (addresses.length === 0) return no('unknown-host');
  const mayBePrivate = rules.some((rule) => rule.lan === true && covers(rule, target));
  for (const address of addresses) {
    const found = classOf(address, own);
    if (found !== 'public' && !(found === 'private' && mayBePrivate)) return no(found);
  }
  return yes;
}
