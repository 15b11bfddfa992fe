import { harness as withStream } from './celestoHarness.ts';
import { harness as withoutStream } from './celestoNoStream.ts';
import { describeConformance } from './suite.ts';

describeConformance('hosted computers', withStream);
describeConformance('hosted computers without the streaming route', withoutStream);
