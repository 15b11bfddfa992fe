import { harness as withBusybox } from './celestoBusybox.ts';
import { harness as withBusyboxAlone } from './celestoBusyboxShell.ts';
import { harness as withStream } from './celestoHarness.ts';
import { harness as withoutStream } from './celestoNoStream.ts';
import { harness as withoutPerl } from './celestoPython.ts';
import { describeConformance, describeSome } from './suite.ts';

describeConformance('hosted computers', withStream);
describeConformance('hosted computers without the streaming route', withoutStream);
describeSome('hosted computers without Perl', withoutPerl, [
  'how commands end, are found again and outlived',
  'terminals inside',
  'programs that listen',
]);
describeSome('hosted computers with busybox and Python alone', withBusybox, [
  'what a command is given and what comes back',
  'files that go in and come back',
]);
describeSome('hosted computers with busybox alone', withBusyboxAlone, [
  'how commands end, are found again and outlived',
  'terminals under load',
]);
