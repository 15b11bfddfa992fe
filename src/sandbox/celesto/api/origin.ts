import { fail } from '../../../core/problem.ts';

export const defaultBaseUrl = 'https://api.celesto.ai';

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/** A base URL with the name of where it was given, for people. */
export interface BaseUrl {
  readonly value: string;
  /** Absent for the hosted service itself. */
  readonly from?: string;
}

/**
 * The base URL in use: the setting wins over the variable CELESTO_BASE_URL, that over the hosted service. Throws
 * `bad-input`, by the name of where it was given, for one that {@link apiOrigin} does not take.
 */
export function chosenBaseUrl(setting: unknown, variable: string | undefined): BaseUrl {
  const bySetting = { given: setting, from: 'the setting airlock.celesto.baseUrl' };
  const byVariable = { given: variable, from: 'the variable CELESTO_BASE_URL' };
  const { given, from } = isGiven(setting) ? bySetting : byVariable;
  if (!isGiven(given)) return { value: defaultBaseUrl };
  const value = typeof given === 'string' ? given.trim() : '';
  apiOrigin(value, `The base URL of Celesto, from ${from},`);
  return { value, from };
}

function isGiven(value: unknown): boolean {
  return typeof value === 'string' ? value.trim() !== '' : value !== undefined && value !== null;
}

/**
 * The origin that an API's base URL names, with or without a trailing `/v1`. Throws `bad-input` for anything but HTTPS
 * (plain HTTP is for loopback), and for user names, queries, fragments and other paths. `named` begins the sentence.
 */
export function apiOrigin(baseUrl: string, named = 'The base URL of Celesto'): string {
  const url = URL.parse(baseUrl);
  const wrong = (why: string) => fail('bad-input', `${named} ${why}.`, { fix: 'open-settings' });
  if (url === null) return wrong('is not a URL');
  if (!isSecure(url, 'https:', 'http:')) return wrong('must begin with https://');
  if (url.username !== '' || url.password !== '') return wrong('must not hold a user name');
  if (url.search !== '' || url.hash !== '') return wrong('must not hold a query');
  if (!/^\/*(v1\/*)?$/.test(url.pathname)) return wrong('must be an origin, with or without /v1');
  return url.origin;
}

/**
 * The address of a terminal's WebSocket: the gateway's URL with its other parameters and the short token. Throws
 * `protocol` for an address that is not `wss:` (plain `ws:` is for loopback), too long, or with a user name.
 */
export function gatewayAddress(gatewayUrl: string, token: string): string {
  const url = URL.parse(gatewayUrl);
  const wrong = () => fail('protocol', 'Celesto named a terminal address that cannot be used.');
  if (url === null || gatewayUrl.length > 4096 || token.length > 16_384) return wrong();
  if (!isSecure(url, 'wss:', 'ws:') || url.username !== '' || url.password !== '' || url.hash !== '') return wrong();
  url.searchParams.delete('token');
  url.searchParams.set('token', token);
  return url.href;
}

function isSecure(url: URL, secure: string, plain: string): boolean {
  return url.protocol === secure || (url.protocol === plain && loopback.has(url.hostname));
}
