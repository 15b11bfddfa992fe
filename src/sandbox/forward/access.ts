import { randomBytes, timingSafeEqual } from 'node:crypto';
import { field, valuesOf, type Field, type RequestHead } from './head.ts';
import { openingPage, refusalPage, type Answer } from './pages.ts';

/** Cookies are told apart by host name and not by port: this one opens every port of one session. */
export const cookieName = 'airlock-session';

const openingPath = '/.airlock/open/';
const openWithinMs = 10 * 60_000;
const mostOpenings = 64;

export interface AccessOptions {
  /** The session's own host name. */
  readonly name: string;
  readonly localPort: number;
  /** Secret that opens the ports of this session. */
  readonly token: string;
}

/** Decides who may use one listener: whoever asks by a name of its own and holds the session's token. */
export class Access {
  /** Name and port that browsers of this machine know the listener by. */
  readonly authority: string;
  readonly #token: string;
  readonly #authorities: Set<string>;
  readonly #openings = new Map<string, { path: string; until: number; isUsed: boolean }>();

  constructor({ name, localPort, token }: AccessOptions) {
    this.authority = `${name}:${localPort}`;
    this.#token = token;
    this.#authorities = new Set([this.authority]);
  }

  /** An address that hands the token to one browser, once, and leads it to `path`. */
  address(path: string, origin = `http://${this.authority}`): string {
    const { host } = new URL(origin);
    this.#authorities.add(host);
    const key = randomBytes(24).toString('hex');
    this.#openings.set(key, { path, until: Date.now() + openWithinMs, isUsed: false });
    // The oldest are the first in a map.
    for (const old of [...this.#openings.keys()].slice(0, -mostOpenings)) this.#openings.delete(old);
    return `${origin}${openingPath}${key}`;
  }

  /** What a request gets instead of the sandbox's answer; undefined where it may go in. */
  answerTo(request: RequestHead): Answer | undefined {
    const hosts = valuesOf(request.fields, 'host');
    if (hosts.length !== 1 || !this.#authorities.has((hosts[0] ?? '').toLowerCase())) return refusalPage('other-host');
    const isKnown = tokensOf(request.fields).some((token) => isSame(token, this.#token));
    if (request.target.startsWith(openingPath)) return this.#open(request, isKnown);
    if (!isKnown) return refusalPage('unknown-browser');
    return isForeignPage(request) ? refusalPage('foreign-page') : undefined;
  }

  #open({ target, method, fields }: RequestHead, isKnown: boolean): Answer {
    // Browsers inside editors add a query of their own.
    const [key = ''] = target.slice(openingPath.length).split('?');
    const opening = this.#openings.get(key);
    // Who was let in may load the page again.
    if (isKnown) return openingPage(opening?.path ?? '/');
    const isGood = method === 'GET' && opening?.isUsed === false && opening.until > Date.now();
    if (!isGood) return refusalPage('used-address');
    opening.isUsed = true;
    return openingPage(opening.path, cookie(this.#token, valuesOf(fields, 'sec-fetch-dest').includes('iframe')));
  }
}

/** The values of our cookie; a program inside may have set others of that name. */
function tokensOf(fields: readonly Field[]): string[] {
  return cookiesOf(fields).flatMap((pair) => (isOurs(pair) ? [pair.slice(cookieName.length + 1)] : []));
}

function cookiesOf(fields: readonly Field[]): string[] {
  return valuesOf(fields, 'cookie').flatMap((value) => value.split(';').map((pair) => pair.trim()));
}

function isOurs(pair: string): boolean {
  return pair.startsWith(`${cookieName}=`);
}

/** The fields without our cookie: what runs inside never sees it. */
export function withoutToken(fields: readonly Field[]): Field[] {
  const rest = cookiesOf(fields).filter((pair) => !isOurs(pair));
  const others = fields.filter(({ key }) => key !== 'cookie');
  return rest.length === 0 ? others : [...others, field('Cookie', rest.join('; '))];
}

/**
 * Pages of other sites do not get the cookie sent. A frame inside the editor is of another site than the editor itself:
 * there the cookie is one that browsers keep apart by the page around it.
 */
function cookie(token: string, framed: boolean): string {
  const kept = framed ? 'SameSite=None; Secure; Partitioned' : 'SameSite=Strict';
  return `${cookieName}=${token}; Path=/; HttpOnly; ${kept}`;
}

/** What a page of another site asks for in the background, as browsers tell it. */
function isForeignPage({ fields }: RequestHead): boolean {
  const isForeign = valuesOf(fields, 'sec-fetch-site').includes('cross-site');
  return isForeign && !valuesOf(fields, 'sec-fetch-mode').includes('navigate');
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
