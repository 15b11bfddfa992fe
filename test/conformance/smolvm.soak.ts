import { harness as celesto } from './smolvmCelesto.ts';
import { harness as smolvm } from './smolvmHarness.ts';
import { harness as withoutPerl } from './smolvmPython.ts';
import { describeConformance, describeSome } from './suite.ts';

const everyMoment = [0, 500, 1000, 2000, 4000, 6000, 8000];

describeConformance('local virtual machines, in full', { ...smolvm, scale: 'full', killedAfterMs: everyMoment });
describeConformance('local virtual machines by the newer program, in full', {
  ...celesto,
  scale: 'full',
  killedAfterMs: everyMoment,
});
describeSome('local virtual machines without Perl', withoutPerl, [
  'what a command is given and what comes back',
  'how commands end, are found again and outlived',
  'files that go in and come back',
  'terminals inside',
  'terminals under load',
  'terminals that are found again',
  'programs that listen',
]);
