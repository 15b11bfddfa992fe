import { skipUnlessAvailable } from '../harness.ts';
import { harness } from '../smolvmHarness.ts';
import { describeAttach } from './attach.ts';
import { describeFilled } from './filled.ts';
import { describeGone } from './gone.ts';
import { describeInside } from './inside.ts';
import { itSurvivesKill } from './killed.ts';
import { describeLedger } from './ledger.ts';
import { describeNothingLost } from './nothingLost.ts';
import { describePaused } from './paused.ts';
import { describeSnapshots } from './snapshots.ts';
import { describeWholeSession } from './wholeSession.ts';

describe('sessions in local virtual machines, in full', function () {
  this.timeout(600_000);
  before(async function () {
    await skipUnlessAvailable(this, harness);
  });
  after(() => harness.cleanUp());
  describeWholeSession('local virtual machines', harness);
  describeFilled('local virtual machines', harness);
  describeGone('local virtual machines', harness);
  describeInside('local virtual machines', harness);
  describeLedger('local virtual machines', harness);
  describeNothingLost('local virtual machines', harness);
  describeAttach('local virtual machines', harness);
  describePaused('local virtual machines', harness);
  describeSnapshots('local virtual machines', harness);

  describe('a session whose window is killed: local virtual machines', () => {
    for (const ms of [0, 1000, 3000, 6000]) itSurvivesKill(harness, { after: 'begun', ms });
    for (const ms of [0, 1000, 2000]) itSurvivesKill(harness, { after: 'started', ms });
    itSurvivesKill(harness, { after: 'turned', ms: 10 });
    itSurvivesKill(harness, { after: 'applied', ms: 0 });
  });
});
