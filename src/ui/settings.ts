import { z } from 'zod';
import { fail } from '../core/problem.ts';
import type { Provider } from '../core/sandbox.ts';

/** Reads one setting by its full id, such as `airlock.model.name`. */
export type ReadSetting = (id: string) => unknown;

const modelShape = z.object({
  name: z.string().trim(),
  baseUrl: z.string().trim(),
  api: z.enum(['auto', 'responses', 'chat-completions']),
});

/** Model settings; an empty name or base URL means "not set". */
export type ModelSettings = z.infer<typeof modelShape>;

/** Reads the model settings. Throws `bad-input` that names the setting which cannot be used. */
export function readModelSettings(read: ReadSetting): ModelSettings {
  const raw = {
    name: read('airlock.model.name') ?? '',
    baseUrl: read('airlock.model.baseUrl') ?? '',
    api: read('airlock.model.api') ?? 'auto',
  };
  return parsed(modelShape, raw, 'airlock.model');
}

/** Reads a provider's own settings by its schema. Throws `bad-input` that names the setting which cannot be used. */
export function readProviderSettings(
  provider: Pick<Provider, 'id' | 'settings'>,
  read: ReadSetting,
): Readonly<Record<string, unknown>> {
  const id = `airlock.${provider.id}`;
  return parsed(provider.settings, read(id) ?? {}, id);
}

function parsed<T>(shape: z.ZodType<T>, raw: unknown, prefix: string): T {
  const result = shape.safeParse(raw);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const name = [prefix, ...(issue?.path ?? []).map(String)].join('.');
  fail('bad-input', `The setting ${name} cannot be used: ${issue?.message ?? 'unknown value'}.`);
}
