export { processProvider, type ProcessProviderParts } from './provider.ts';
