import { harness as celesto } from './smolvmCelesto.ts';
import { harness as smolvm } from './smolvmHarness.ts';
import { describeConformance } from './suite.ts';

const everyMoment = [0, 500, 1000, 2000, 4000, 6000, 8000];

describeConformance('local virtual machines, in full', { ...smolvm, scale: 'full', killedAfterMs: everyMoment });
describeConformance('local virtual machines by the newer program, in full', {
  ...celesto,
  scale: 'full',
  killedAfterMs: everyMoment,
});
