import { setTimeout as sleep } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { AirlockError, fail, problem, type Problem } from '../../../core/problem.ts';
import { isRateLimit, refusalProblem } from './problems.ts';

/** What the service is reached with. */
export interface HttpParts {
  /** Where requests go, and the one place where the key is sent. */
  readonly origin: string;
  /** The API key for that origin, asked for at each request. */
  key(): Promise<string | undefined>;
  /** Carries every request. */
  readonly dispatcher: Dispatcher;
  log(line: string): void;
  /** Why this path's 404 does not say that there is nothing. Absent: it always does. */
  hidden?(path: string): Promise<Problem | undefined>;
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below `/v1`. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Until the answer's head, and between its pieces. */
  readonly timeoutMs: number;
  /** Doing it twice is the same as doing it once: it is repeated whatever became of it. */
  readonly repeatable: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Why a call failed, with the status where the service answered. */
export class CallFailed extends AirlockError {
  readonly status: number | undefined;

  constructor(why: Problem, status?: number, cause?: unknown) {
    super(why, cause);
    this.status = status;
  }
}

const tries = 5;
const longestPauseMs = 60_000;
const mostBody = 64 * 1024 * 1024;
const mostErrorBody = 65_536;

/** Errors of a connection that was never there: nothing can have arrived. */
const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * Sends one call, again where that is safe: reads and repeatable writes after any failure that may pass, other writes
 * only where they provably did nothing. Throws {@link CallFailed}.
 */
export async function callJson(parts: HttpParts, call: Call): Promise<unknown> {
  return await withRepeats(parts, call, async () => {
    const answer = await send(parts, call);
    const text = await textOf(answer.body, mostBody);
    try {
      return JSON.parse(text) as unknown;
    } catch (cause) {
      throw new CallFailed(unreadable(), undefined, cause);
    }
  });
}

/** As {@link callJson}, for an answer that is read as it comes. The pieces throw {@link CallFailed} when it breaks. */
export async function callStream(parts: HttpParts, call: Call): Promise<AsyncIterable<Uint8Array>> {
  return await withRepeats(parts, call, async () => piecesOf((await send(parts, call)).body));
}

async function withRepeats<T>(parts: HttpParts, call: Call, once: () => Promise<T>): Promise<T> {
  for (let at = 1; ; at += 1) {
    try {
      return await once();
    } catch (caught) {
      const failed = asFailed(caught, call.signal);
      const pause = Math.min(failed.problem.retryAfterMs ?? 250 * 2 ** at, longestPauseMs);
      if (at >= tries || !mayRepeat(call, failed)) throw failed;
      parts.log(`celesto: ${call.method} ${call.path} failed (${failed.problem.id}), again in ${pause} ms`);
      await sleep(pause, undefined, call.signal === undefined ? {} : { signal: call.signal }).catch(() => cancelled());
    }
  }
}

function mayRepeat(call: Call, { problem: why, status }: CallFailed): boolean {
  if (why.id === 'aborted' || why.id === 'limit') return false;
  if (why.id === 'rate-limited') return true;
  if (status === undefined && why.id === 'unreachable' && why.delivery === 'never-sent') return true;
  const passes = status === undefined ? why.id !== 'bad-input' : status >= 500 && status !== 501;
  return call.repeatable && passes && why.id !== 'sign-in-needed';
}

async function send(parts: HttpParts, call: Call): Promise<Dispatcher.ResponseData> {
  const key = (await parts.key())?.trim();
  if (key === undefined || key === '') {
    throw new CallFailed(problem('sign-in-needed', 'Sign in to Celesto: no API key is set.', { fix: 'sign-in' }));
  }
  const url = new URL(`/v1${call.path}`, parts.origin);
  if (url.origin !== parts.origin) fail('bad-input', 'A request would have left for another place.');
  const answer = await parts.dispatcher.request({
    origin: url.origin,
    path: url.pathname + url.search,
    method: call.method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...call.headers,
    },
    body: call.body === undefined ? null : JSON.stringify(call.body),
    headersTimeout: call.timeoutMs,
    bodyTimeout: call.timeoutMs,
    ...(call.signal === undefined ? {} : { signal: call.signal }),
  });
  if (answer.statusCode >= 200 && answer.statusCode < 300) return answer;
  throw await refused(parts, call, answer);
}

async function refused(parts: HttpParts, call: Call, answer: Dispatcher.ResponseData): Promise<CallFailed> {
  const status = answer.statusCode;
  const body = await textOf(answer.body, mostErrorBody).catch(() => '');
  const retryAfterMs = pauseAsked(answer.headers['retry-after']);
  const refusal = { status, body, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  const id = answer.headers['x-request-id'];
  const named = typeof id === 'string' && /^[0-9a-f-]{32,36}$/i.test(id) ? `, request ${id}` : '';
  parts.log(`celesto: ${call.method} ${call.path} answered ${status}${named}`);
  if (status >= 300 && status < 400) {
    return new CallFailed(problem('protocol', 'Celesto sent us to another address, which is not followed.'), status);
  }
  const hidden = status === 404 ? await parts.hidden?.(call.path) : undefined;
  if (hidden !== undefined) return new CallFailed(hidden);
  const why = refusalProblem(refusal);
  return new CallFailed(
    why.id === 'rate-limited' && !isRateLimit(refusal) ? { ...why, id: 'plan-limit' } : why,
    status,
  );
}

/** Seconds or a date (RFC 9110, 10.2.3) as milliseconds from now. */
export function pauseAsked(header: string | string[] | undefined, now = Date.now()): number | undefined {
  if (typeof header !== 'string') return undefined;
  if (/^\d{1,6}$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

async function textOf(body: AsyncIterable<Uint8Array>, most: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const bytes of body) {
    length += bytes.length;
    if (length > most) throw new CallFailed(problem('limit', 'An answer of Celesto is too long.'));
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString();
}

async function* piecesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (caught) {
    throw asFailed(caught, undefined);
  }
}

function asFailed(caught: unknown, signal: AbortSignal | undefined): CallFailed {
  if (caught instanceof CallFailed) return caught;
  if (caught instanceof AirlockError) return new CallFailed(caught.problem, undefined, caught);
  if (signal?.aborted === true) {
    return new CallFailed(problem('aborted', 'It was cancelled.', { delivery: 'maybe-sent' }), undefined, caught);
  }
  const atProxy = proxyProblem(caught);
  if (atProxy !== undefined) return new CallFailed(atProxy, undefined, caught);
  const code = codeOf(caught);
  const certificate = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code);
  const said = certificate
    ? `The certificate of Celesto is not trusted here (${code}).`
    : `Celesto cannot be reached (${code}).`;
  return new CallFailed(
    problem('unreachable', said, {
      delivery: certificate || neverSent.has(code) ? 'never-sent' : 'maybe-sent',
      fix: 'retry',
    }),
    undefined,
    caught,
  );
}

/** The way through a proxy was not opened, so nothing of the request can have arrived. */
function proxyProblem(caught: unknown): Problem | undefined {
  if (!(caught instanceof Error)) return undefined;
  const said = /^Proxy response \((\d{3})\)/.exec(caught.message)?.[1];
  if (said !== undefined) {
    const why = said === '407' ? 'wants to know who you are' : 'refuses it';
    const detail = `The proxy on the way to Celesto ${why} (${said}): look at the setting http.proxy.`;
    return problem('bad-input', detail, { fix: 'open-settings' });
  }
  if (!codeOf(caught).startsWith('UND_ERR_PRX')) return undefined;
  return problem('unreachable', 'The proxy on the way to Celesto broke off.', { fix: 'retry' });
}

function codeOf(caught: unknown): string {
  for (let error = caught; error instanceof Error; error = error.cause) {
    if ('code' in error && typeof error.code === 'string' && /^[\w-]{1,60}$/.test(error.code)) return error.code;
  }
  return 'no answer';
}

function unreadable(): Problem {
  return problem('protocol', 'An answer of Celesto cannot be read.', { delivery: 'maybe-sent', fix: 'retry' });
}

function cancelled(): never {
  throw new CallFailed(problem('aborted', 'It was cancelled.'));
}
