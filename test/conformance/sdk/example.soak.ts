import { describeExample } from './example.ts';
import { smolvmProvider } from './providers.ts';

describeExample(smolvmProvider);
