import { skipUnlessAvailable } from '../../harness.ts';
import { firstOfEachChange, surviveKills } from './kills.ts';
import { laneHarnesses } from './lanes.ts';

describe('a session of a hosted computer whose program is killed', function () {
  this.timeout(300_000);
  const harnesses = laneHarnesses('KILLED', {});
  before(async function () {
    for (const harness of harnesses) await skipUnlessAvailable(this, harness);
  });
  after(async () => {
    for (const harness of harnesses) await harness.cleanUp();
  });

  it('is played to its end by the next one, whichever change was just asked for', async () => {
    const [harness] = harnesses;
    if (harness === undefined) throw new Error('There is no harness.');
    const points = await firstOfEachChange(harness);
    await surviveKills(
      harnesses,
      points.map((at) => ({ at, carriedOut: true })),
    );
  });
});
