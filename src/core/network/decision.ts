import { classOf, type AddressClass } from './addresses.ts';
import { covers, namesHost, type HostRule, type Target } from './hostRule.ts';

/** Why a connection was not let through, or did not come about. */
export type Refusal =
  | 'not-allowed'
  | 'port'
  | 'address'
  | 'malformed'
  | 'other-name'
  | 'no-name'
  | Exclude<AddressClass, 'public'>
  | 'taken-back'
  | 'unknown-host'
  | 'unreachable';

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

const refusalWords: Record<Refusal, string> = {
  'not-allowed': 'not on the list of allowed hosts',
  port: 'allowed, but not on this port',
  address: 'an address: only names can be allowed',
  malformed: 'not a request that can be read',
  'other-name': 'asked for one host and greeted another',
  'no-name': 'did not say in its greeting whom it wants',
  private: 'leads into a private network',
  loopback: 'leads to a machine’s own loopback',
  'link-local': 'leads to a link-local address',
  metadata: 'leads to a cloud’s metadata service',
  reserved: 'leads to a reserved address',
  own: 'leads to this machine',
  'taken-back': 'no longer allowed',
  'unknown-host': 'there is no host of this name',
  unreachable: 'does not answer',
};

/** The reason as the end of a sentence. */
export function whyText(why: Refusal): string {
  return refusalWords[why];
}

/** True for refusals that allowing the host would mend. */
export function canBeAllowed(why: Refusal): why is 'not-allowed' | 'port' | 'private' {
  return why === 'not-allowed' || why === 'port' || why === 'private';
}
