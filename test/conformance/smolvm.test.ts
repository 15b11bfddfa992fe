import { harness as celesto } from './smolvmCelesto.ts';
import { harness as smolvm } from './smolvmHarness.ts';
import { describeConformance, describeSome } from './suite.ts';

describeConformance('local virtual machines', smolvm);
describeSome('local virtual machines by the newer program', celesto, [
  'how commands end, are found again and outlived',
  'terminals that are found again',
]);
