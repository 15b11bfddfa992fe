import type { Secrets } from '../../../../src/ui/keys/keyRing.ts';

/** A secret storage in memory. */
export function memorySecrets(): Secrets & { readonly held: Map<string, string> } {
  const held = new Map<string, string>();
  return {
    held,
    get: (key) => Promise.resolve(held.get(key)),
    store: (key, value) => Promise.resolve(void held.set(key, value)),
    delete: (key) => Promise.resolve(void held.delete(key)),
    keys: () => Promise.resolve([...held.keys()]),
  };
}
