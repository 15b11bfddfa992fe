import { describeExample } from './example.ts';
import { sdkProviders, smolvmProvider } from './providers.ts';

for (const provider of sdkProviders) if (provider !== smolvmProvider) describeExample(provider);
