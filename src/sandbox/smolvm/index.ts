export type { SmolVmProviderParts } from './parts.ts';
export { smolVmProvider } from './provider.ts';
