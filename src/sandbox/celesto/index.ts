export type { CelestoProviderParts, KeyStore } from './parts.ts';
export { celestoProvider } from './provider.ts';
export type { CelestoSettings } from './settings.ts';
