import { describeExample } from '../sdk/example.ts';
import { smolvmProvider } from '../sdk/providers.ts';

describeExample(smolvmProvider, 'first');
