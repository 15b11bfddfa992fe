import { fail } from '../core/problem.ts';
import type { ModelChoice } from '../core/session/events.ts';
import type { ModelSettings } from './settings.ts';

export const defaultBaseUrl = 'https://api.openai.com/v1';
export const defaultModel = 'gpt-5.6';

/** Where a value came from: it is said wherever it is not the user's own setting. */
type Source = 'setting' | 'environment' | 'default';

/** The model that the next turn would use. */
export interface ResolvedModel {
  readonly choice: ModelChoice;
  /** Scheme, host and port: what a key is bound to. */
  readonly origin: string;
  readonly host: string;
  /** The endpoint is this machine: no key is needed. */
  readonly isLocal: boolean;
  readonly nameFrom: Source;
  readonly baseUrlFrom: Source;
}

/** Reads one variable of this machine's environment; undefined when it is not set. */
export type Environment = (name: string) => string | undefined;

/**
 * Settles name, endpoint and interface: a setting wins over OPENAI_MODEL and OPENAI_BASE_URL, these over the default.
 * Throws `bad-input` for an endpoint that is no URL or would carry prompts in clear over a network.
 */
export function resolveModel(settings: ModelSettings, environment: Environment): ResolvedModel {
  const [name, nameFrom] = pick(settings.name, environment('OPENAI_MODEL'), defaultModel);
  const [baseUrl, baseUrlFrom] = pick(settings.baseUrl, environment('OPENAI_BASE_URL'), defaultBaseUrl);
  const url = endpoint(baseUrl);
  const isLocal = isLoopback(url.hostname);
  if (url.protocol !== 'https:' && !isLocal) {
    fail('bad-input', `The model endpoint ${url.origin} is not on this machine, so it must use https.`, {
      fix: 'choose-model',
    });
  }
  const auto = url.origin === new URL(defaultBaseUrl).origin ? 'responses' : 'chat-completions';
  const api = settings.api === 'auto' ? auto : settings.api;
  const plainUrl = `${url.origin}${url.pathname}`.replace(/\/+$/, '');
  return {
    choice: { name, baseUrl: plainUrl, api },
    origin: url.origin,
    host: url.host,
    isLocal,
    nameFrom,
    baseUrlFrom,
  };
}

function pick(setting: string, fromEnvironment: string | undefined, otherwise: string): [string, Source] {
  if (setting !== '') return [setting, 'setting'];
  const value = fromEnvironment?.trim() ?? '';
  return value === '' ? [otherwise, 'default'] : [value, 'environment'];
}

/** Parses an endpoint. Credentials and queries are refused: they would be shown and logged. */
export function endpoint(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    fail('bad-input', 'The model endpoint is not a web address such as https://api.openai.com/v1.', {
      fix: 'choose-model',
    });
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    fail('bad-input', `The model endpoint on ${url.host} must not hold a password, a query or a fragment.`, {
      fix: 'choose-model',
    });
  }
  return url;
}

/** True for names and addresses that can only be this machine. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname)
  );
}

/** What is not the user's own setting, as one sentence; undefined when there is nothing to say. */
export function environmentSentence(model: ResolvedModel): string | undefined {
  const parts = [
    ...(model.nameFrom === 'environment' ? [`model ${model.choice.name} (OPENAI_MODEL)`] : []),
    ...(model.baseUrlFrom === 'environment' ? [`endpoint ${model.host} (OPENAI_BASE_URL)`] : []),
  ];
  return parts.length === 0 ? undefined : `Taken from the environment: ${parts.join(' and ')}.`;
}
