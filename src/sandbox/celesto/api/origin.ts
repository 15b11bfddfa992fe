import { fail } from '../../../core/problem.ts';

export const defaultBaseUrl = 'https://api.celesto.ai';

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * The origin that an API's base URL names, with or without a trailing `/v1`. Throws `bad-input` for anything but HTTPS
 * (plain HTTP is for loopback), and for user names, queries, fragments and other paths.
 */
export function apiOrigin(baseUrl: string): string {
  const url = URL.parse(baseUrl);
  const wrong = (why: string) => fail('bad-input', `The base URL of Celesto ${why}.`, { fix: 'open-settings' });
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
