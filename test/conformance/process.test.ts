import { harness } from './processHarness.ts';
import { describeConformance } from './suite.ts';

describeConformance('the built-in sandbox', harness);
