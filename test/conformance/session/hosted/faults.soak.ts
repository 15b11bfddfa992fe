import { skipUnlessAvailable } from '../../harness.ts';
import { hitEachRequest, playThrough } from './faults.ts';
import { laneHarnesses } from './lanes.ts';

const kinds = [
  'drop-before',
  'drop-after',
  'truncate',
  'no-exit',
  '429',
  '500',
  '500-after',
  '503',
  'interrupt',
] as const;
/** Bytes after which every terminal breaks: in its handshake, in what it carries, and late. */
const cuts = [100, 700, 1500, 2500, 4000, 8000, 16_000, 64_000];

for (const [name, stream] of [
  ['with', true],
  ['without', false],
] as const) {
  describe(`sessions of hosted computers ${name} the streaming route`, function () {
    this.timeout(1_800_000);
    const harnesses = laneHarnesses(`FAULTS_${name.toUpperCase()}`, { stream });
    before(async function () {
      for (const harness of harnesses) await skipUnlessAvailable(this, harness);
    });
    after(async () => {
      for (const harness of harnesses) await harness.cleanUp();
    });

    for (const kind of kinds) {
      it(`go on to their end and leave nothing behind: ${kind} at each request`, () => hitEachRequest(harnesses, kind));
    }

    for (const terminalCutBytes of cuts) {
      it(`go on to their end and leave nothing behind: every terminal breaks after ${terminalCutBytes} bytes`, async () => {
        const [harness] = harnesses;
        if (harness !== undefined) await playThrough(harness, { terminalCutBytes });
      });
    }
  });
}
