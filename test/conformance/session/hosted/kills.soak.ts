import { skipUnlessAvailable } from '../../harness.ts';
import { surviveKills, type KillPoint } from './kills.ts';
import { laneHarnesses } from './lanes.ts';

describe('sessions of hosted computers whose program is killed', function () {
  this.timeout(1_800_000);
  const harnesses = laneHarnesses('KILLS', {});
  before(async function () {
    for (const harness of harnesses) await skipUnlessAvailable(this, harness);
  });
  after(async () => {
    for (const harness of harnesses) await harness.cleanUp();
  });

  for (const carriedOut of [false, true]) {
    it(`are played to their end by the next one: killed at each request, ${carriedOut ? 'once it was' : 'before it is'} carried out`, async () => {
      let over = false;
      function* points(): Generator<KillPoint> {
        for (let at = 1; !over; at += 1) yield { at, carriedOut };
      }
      await surviveKills(harnesses, points(), (_, was) => (over ||= !was));
    });
  }
});
