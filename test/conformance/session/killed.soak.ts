import { harness } from '../processHarness.ts';
import { itSurvivesKill } from './killed.ts';

describe('a session whose window is killed: the built-in sandbox', function () {
  this.timeout(240_000);
  for (const ms of [0, 100, 200, 300, 400, 500, 700, 900]) itSurvivesKill(harness, { after: 'begun', ms });
  for (const ms of [0, 50, 100, 200, 300, 400, 600, 800, 1000]) itSurvivesKill(harness, { after: 'started', ms });
  for (const ms of [0, 5, 10, 20, 40, 80]) itSurvivesKill(harness, { after: 'turned', ms });
  itSurvivesKill(harness, { after: 'applied', ms: 0 });
});
