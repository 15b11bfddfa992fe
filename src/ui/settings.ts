import { fail } from '../core/problem.ts';
import type { Provider } from '../core/sandbox.ts';
import { settings } from './ids.ts';

/** Reads one setting by its full id, such as `airlock.model.name`. */
export type ReadSetting = (id: string) => unknown;

const apis = ['auto', 'responses', 'chat-completions'] as const;

/** Model settings; an empty name or base URL means "not set". */
export interface ModelSettings {
  readonly name: string;
  readonly baseUrl: string;
  readonly api: (typeof apis)[number];
}

/** Reads the model settings. Throws `bad-input` that names the setting which cannot be used. */
export function readModelSettings(read: ReadSetting): ModelSettings {
  const said = read(settings.modelApi) ?? 'auto';
  return {
    name: trimmed(read, settings.modelName),
    baseUrl: trimmed(read, settings.modelBaseUrl),
    api: apis.find((api) => api === said) ?? unusable(settings.modelApi, `it must be one of ${apis.join(', ')}`),
  };
}

function trimmed(read: ReadSetting, id: string): string {
  const value = read(id) ?? '';
  return typeof value === 'string' ? value.trim() : unusable(id, 'it must be a text');
}

/** Reads a provider's own settings by its schema. Throws `bad-input` that names the setting which cannot be used. */
export function readProviderSettings(
  provider: Pick<Provider, 'id' | 'settings'>,
  read: ReadSetting,
): Readonly<Record<string, unknown>> {
  const id = `airlock.${provider.id}`;
  const result = provider.settings.safeParse(read(id) ?? {});
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  unusable([id, ...(issue?.path ?? []).map(String)].join('.'), issue?.message ?? 'unknown value');
}

function unusable(name: string, why: string): never {
  fail('bad-input', `The setting ${name} cannot be used: ${why}.`, { fix: 'open-settings' });
}
