import { skipUnlessAvailable } from '../../harness.ts';
import { hitEachRequest } from './faults.ts';
import { laneHarnesses } from './lanes.ts';

describe('a session of a hosted computer of which one answer is lost', function () {
  this.timeout(300_000);
  const harnesses = laneHarnesses('LOST', {});
  before(async function () {
    for (const harness of harnesses) await skipUnlessAvailable(this, harness);
  });
  after(async () => {
    for (const harness of harnesses) await harness.cleanUp();
  });

  it('goes on to its end and leaves nothing behind, whichever request it was', () =>
    hitEachRequest(harnesses, 'drop-after'));
});
