import { harness } from '../celestoHarness.ts';
import { describeAttach } from './attach.ts';
import { describeGone } from './gone.ts';
import { itSurvivesKill } from './killed.ts';
import { describeWholeSession } from './wholeSession.ts';

describe('sessions in hosted computers', function () {
  this.timeout(240_000);
  after(() => harness.cleanUp());
  describeWholeSession('hosted computers', harness);
  describeGone('hosted computers', harness);
  describeAttach('hosted computers', harness);

  describe('a session whose window is killed: hosted computers', () => {
    itSurvivesKill(harness, { after: 'begun', ms: 300 });
    itSurvivesKill(harness, { after: 'started', ms: 300 });
    itSurvivesKill(harness, { after: 'turned', ms: 10 });
  });
});
