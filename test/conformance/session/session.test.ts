import { harness } from '../processHarness.ts';
import { describeWholeSession } from './wholeSession.ts';

describeWholeSession('the built-in sandbox', harness);
