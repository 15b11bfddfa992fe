export { chosenBaseUrl } from './api/origin.ts';
export { celestoProvider } from './descriptor.ts';
export type { CelestoProviderParts, KeyStore } from './parts.ts';
export type { CelestoSettings } from './settings.ts';
