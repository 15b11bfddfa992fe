import type { ModelProvider } from '@openai/agents-core';
import { OpenAIProvider } from '@openai/agents-openai';
import OpenAI from 'openai';
import type { ModelChoice } from '../core/session/events.ts';

/** Waits that an endpoint asks for and that are longer are told to the person instead of waited for in silence. */
const longestSilentWaitMs = 10_000;

/** Header of our own answers in place of ones that we do not follow. */
export const refusedHeader = 'x-airlock-refused';

/** The models of one endpoint. The key goes to its origin only, and into nothing but the requests. */
export function modelsOf(choice: ModelChoice, apiKey: string): ModelProvider {
  const openAIClient = new OpenAI({
    apiKey,
    baseURL: choice.baseUrl,
    // Given explicitly, since the library would read each from the environment.
    organization: null,
    project: null,
    adminAPIKey: null,
    webhookSecret: null,
    fetch: guardedFetch(choice.baseUrl),
    maxRetries: 2,
    logLevel: 'off',
  });
  return new OpenAIProvider({ openAIClient, useResponses: choice.api === 'responses' });
}

/** A `fetch` for one origin that follows no redirect: the next place would be sent the key and the conversation. */
function guardedFetch(baseUrl: string): typeof fetch {
  const { origin } = new URL(baseUrl);
  return async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    if (new URL(url).origin !== origin) return refused('origin');
    const response = await fetch(input, { ...init, redirect: 'manual' });
    if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
      await response.body?.cancel();
      return refused('redirect');
    }
    return response.status === 429 ? withoutLongWait(response) : response;
  };
}

function refused(what: 'redirect' | 'origin'): Response {
  const headers = { [refusedHeader]: what, 'x-should-retry': 'false', 'content-type': 'application/json' };
  return new Response('{}', { status: 400, headers });
}

function withoutLongWait(response: Response): Response {
  const wait = retryAfterMs(response.headers);
  if (wait === undefined || wait <= longestSilentWaitMs) return response;
  const headers = new Headers(response.headers);
  headers.set('x-should-retry', 'false');
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

/** What `Retry-After` or its variant in milliseconds asks for: seconds or a date, as RFC 9110 has it. */
export function retryAfterMs(headers: Headers): number | undefined {
  const milliseconds = Number.parseFloat(headers.get('retry-after-ms') ?? '');
  if (milliseconds >= 0) return milliseconds;
  const text = headers.get('retry-after')?.trim();
  if (text === undefined) return undefined;
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
