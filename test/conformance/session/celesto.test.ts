import { harness } from '../celestoHarness.ts';
import { describeAttach } from './attach.ts';
import { describeFilled } from './filled.ts';
import { describeGone } from './gone.ts';
import { describeHalf } from './half.ts';
import { describeHeld } from './held.ts';
import { itSurvivesKill } from './killed.ts';
import { describePublishing } from './publish.ts';
import { describeTrust } from './trust.ts';
import { describeWholeSession } from './wholeSession.ts';

describe('sessions in hosted computers', function () {
  this.timeout(240_000);
  after(() => harness.cleanUp());
  describeWholeSession('hosted computers', harness);
  describeFilled('hosted computers', harness);
  describeGone('hosted computers', harness);
  describeHalf('hosted computers', harness);
  describeHeld('hosted computers', harness, ['is stopped']);
  describeAttach('hosted computers', harness);
  describePublishing('hosted computers', harness);
  describeTrust('hosted computers', harness);

  describe('a session whose window is killed: hosted computers', () => {
    itSurvivesKill(harness, { after: 'begun', ms: 300 });
    itSurvivesKill(harness, { after: 'started', ms: 300 });
    itSurvivesKill(harness, { after: 'turned', ms: 10 });
  });
});
