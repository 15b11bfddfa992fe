import { MaxTurnsExceededError, ModelBehaviorError } from '@openai/agents-core';
import { SandboxError } from '@openai/agents-core/sandbox';
import { APIConnectionError, APIError } from 'openai';
import { AirlockError, type FixId, type Problem, problem } from '../core/problem.ts';
import type { ModelChoice } from '../core/session/events.ts';
import { refusedHeader, retryAfterMs } from './model.ts';

/**
 * Says what went wrong in a turn, in one sentence with one fix. What the endpoint wrote is left out except for its error
 * code: it may repeat the key.
 */
export function problemOfTurn(error: unknown, model: ModelChoice): Problem {
  const host = new URL(model.baseUrl).host;
  if (error instanceof AirlockError) return error.problem;
  if (error instanceof MaxTurnsExceededError) {
    return sent('max-turns', 'The agent used up its steps for one turn.', 'continue');
  }
  if (error instanceof SandboxError)
    return sent('sandbox-lost', `The sandbox failed: ${error.message}`, 'restart-sandbox');
  if (error instanceof APIConnectionError) return unreachable(host);
  if (error instanceof APIError) return refusal(error as ApiFailure, model, host);
  if (error instanceof ModelBehaviorError) {
    return sent('model-failed', `${model.name} answered in a way that cannot be used.`, 'retry');
  }
  if (isBrokenStream(error))
    return sent('model-unreachable', `${host} broke off in the middle of its answer.`, 'retry');
  return sent('model-failed', `The answer of ${model.name} could not be used.`, 'open-log');
}

/** The library leaves the types of these open. */
type ApiFailure = APIError;

function refusal(error: ApiFailure, model: ModelChoice, host: string): Problem {
  const code = codeOf(error);
  const { status } = error;
  if (status === undefined) return sent('model-failed', `${host} reported a failure${code}.`, 'retry');
  const headers = error.headers instanceof Headers ? error.headers : new Headers();
  if (headers.has(refusedHeader)) {
    const detail = `${host} sends requests on to another place, and the key would go along. Check the base URL.`;
    return sent('model-unreachable', detail, 'choose-model');
  }
  if (status === 401) return sent('model-unauthorised', `${host} does not accept the key.`, 'set-key');
  if (status === 403) return sent('model-unauthorised', `${host} does not let this key do that${code}.`, 'set-key');
  if (status === 404) {
    const detail = `${host} knows no model ${model.name}, or does not speak ${apiName(model)} at this base URL.`;
    return sent('model-failed', detail, 'choose-model');
  }
  if (status === 429) return limited(error, headers, host);
  if (error.code === 'context_length_exceeded') {
    return sent('model-failed', `The conversation has become too long for ${model.name}.`, 'choose-model');
  }
  if (status >= 500) return sent('model-failed', `${host} failed (HTTP ${status}${code}).`, 'retry');
  return sent('model-failed', `${host} refused the request (HTTP ${status}${code}).`, 'choose-model');
}

function limited(error: ApiFailure, headers: Headers, host: string): Problem {
  if (error.code === 'insufficient_quota') {
    return sent('model-rate-limited', `The account of this key has no credit left at ${host}.`, 'set-key');
  }
  const wait = retryAfterMs(headers);
  const when = wait === undefined ? 'in a while' : `in ${Math.max(1, Math.ceil(wait / 1000))} s`;
  const limit = sent('model-rate-limited', `${host} takes no more requests just now: try again ${when}.`, 'retry');
  return wait === undefined ? limit : { ...limit, retryAfterMs: wait };
}

function unreachable(host: string): Problem {
  const detail = `${host} could not be reached. Check the connection, the proxy and the base URL.`;
  return sent('model-unreachable', detail, 'retry');
}

function sent(id: Problem['id'], detail: string, fix: FixId): Problem {
  return problem(id, detail, { delivery: 'maybe-sent', fix });
}

/** The endpoint's own code, where it looks like one. */
function codeOf(error: ApiFailure): string {
  return typeof error.code === 'string' && /^[a-z][a-z0-9_.]{0,50}$/.test(error.code) ? `, ${error.code}` : '';
}

function apiName(model: ModelChoice): string {
  return model.api === 'responses' ? 'the Responses API' : 'Chat Completions';
}

/** What `fetch` throws while a body is read: `terminated`, with the socket's error as its cause. */
function isBrokenStream(error: unknown): boolean {
  return (
    error instanceof TypeError ||
    (error instanceof Error && /terminated|premature|socket|ECONNRESET/i.test(error.message))
  );
}
