import { harness as withStream } from './celestoHarness.ts';
import { harness as withoutStream } from './celestoNoStream.ts';
import { describeConformance } from './suite.ts';

describeConformance('hosted computers, in full', { ...withStream, scale: 'full' });
describeConformance('hosted computers without the streaming route, in full', { ...withoutStream, scale: 'full' });
