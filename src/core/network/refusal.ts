import type { AddressClass } from './addresses.ts';

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
