import { parseHostName } from './hostName.ts';
import { isPort, type Target } from './hostRule.ts';

/** What a request to a proxy asks for. `address` where it names an address instead of a host, `malformed` otherwise. */
export type Asked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly why: 'address' | 'malformed'; readonly shown: Target };

const longestTarget = 4096;
const authority = /^(\[[0-9a-fA-F:.%]{2,64}\]|[^\s:/?#@[\]]{1,255}):(\d{1,5})$/;
const absolute = /^http:\/\/(\[[0-9a-fA-F:.%]{2,64}\]|[^\s:/?#@[\]]{1,255})(?::(\d{1,5}))?(?=[/?#]|$)/i;

/** Reads the target of a CONNECT request (RFC 9110, 9.3.6): `host:port`, nothing else. */
export function parseAuthority(text: string): Asked<Target> {
  const [, host, port] = (text.length <= longestTarget && authority.exec(text)) || [];
  return host === undefined || port === undefined ? malformed(text) : targetOf(host, Number(port));
}

/** Where a plain request goes and what is asked there. */
export interface PlainRequest {
  readonly target: Target;
  /** Path and query, from the slash on. */
  readonly path: string;
}

/** Reads the target of a plain request to a proxy (RFC 9112, 3.2.2): `http://host[:port]/path`. */
export function parseAbsolute(text: string | undefined): Asked<PlainRequest> {
  const [start, host, port] = (text !== undefined && text.length <= longestTarget && absolute.exec(text)) || [];
  if (text === undefined || start === undefined || host === undefined) return malformed(text ?? '');
  const asked = targetOf(host, port === undefined ? 80 : Number(port));
  if (!asked.ok) return asked;
  const rest = text.slice(start.length).replace(/#.*$/, '');
  return { ok: true, value: { target: asked.value, path: rest.startsWith('/') ? rest : `/${rest}` } };
}

function targetOf(host: string, port: number): Asked<Target> {
  const name = parseHostName(host);
  if (!isPort(port)) return malformed(host);
  if (name === undefined) return { ok: false, why: 'address', shown: { host: shown(host), port } };
  return { ok: true, value: { host: name, port } };
}

function malformed(text: string): Asked<never> {
  return { ok: false, why: 'malformed', shown: { host: shown(text), port: 0 } };
}

/** For the log: what came from inside, cut short and without control characters. */
function shown(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, '?').slice(0, 80);
}
