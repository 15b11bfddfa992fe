import { harness } from '../processHarness.ts';
import { describeFilled } from './filled.ts';
import { describeGivenAway } from './givenAway.ts';
import { describeGone } from './gone.ts';
import { describeHalf } from './half.ts';
import { describeHeld } from './held.ts';
import { describeInside } from './inside.ts';
import { itSurvivesKill } from './killed.ts';
import { describeLedger } from './ledger.ts';
import { describeNothingLost } from './nothingLost.ts';
import { describeSessionPorts } from './ports.ts';
import { describeTrust } from './trust.ts';
import { describeWholeSession } from './wholeSession.ts';

describeWholeSession('the built-in sandbox', harness);
describeSessionPorts('the built-in sandbox', harness);
describeInside('the built-in sandbox', harness);
describeFilled('the built-in sandbox', harness);
describeGivenAway('the built-in sandbox', harness);
describeGone('the built-in sandbox', harness);
describeHalf('the built-in sandbox', harness);
describeLedger('the built-in sandbox', harness);
describeNothingLost('the built-in sandbox', harness);
describeTrust('the built-in sandbox', harness);
describeHeld('the built-in sandbox', harness);

describe('a session whose window is killed: the built-in sandbox', function () {
  this.timeout(240_000);
  itSurvivesKill(harness, { after: 'begun', ms: 300 });
  itSurvivesKill(harness, { after: 'started', ms: 300 });
  itSurvivesKill(harness, { after: 'turned', ms: 10 });
});
