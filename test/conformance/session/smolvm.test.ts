import { skipUnlessAvailable } from '../harness.ts';
import { harness } from '../smolvmHarness.ts';
import { describeGone } from './gone.ts';
import { itSurvivesKill } from './killed.ts';
import { describeWholeSession } from './wholeSession.ts';

/** The rows that differ most by the kind of sandbox; the others are in the soak. */
describe('sessions in local virtual machines', function () {
  this.timeout(600_000);
  this.slow(60_000);
  before(async function () {
    await skipUnlessAvailable(this, harness);
  });
  after(() => harness.cleanUp());
  describeWholeSession('local virtual machines', harness, 'first');
  describeGone('local virtual machines', harness, 'first');
  describe('a session whose window is killed: local virtual machines', () => {
    itSurvivesKill(harness, { after: 'turned', ms: 10 });
  });
});
