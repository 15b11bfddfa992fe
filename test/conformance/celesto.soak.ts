import { harness as withBusybox } from './celestoBusybox.ts';
import { harness as withStream } from './celestoHarness.ts';
import { harness as withoutStream } from './celestoNoStream.ts';
import { harness as withoutPerl } from './celestoPython.ts';
import { describeConformance, describeSome } from './suite.ts';

describeConformance('hosted computers, in full', { ...withStream, scale: 'full' });
describeConformance('hosted computers without the streaming route, in full', { ...withoutStream, scale: 'full' });
describeConformance('hosted computers without Perl, in full', { ...withoutPerl, scale: 'full' });
// Its terminals have no program that owns the whole screen.
describeSome('hosted computers with busybox and Python alone, in full', { ...withBusybox, scale: 'full' }, [
  'what a command is given and what comes back',
  'how commands end, are found again and outlived',
  'files that go in and come back',
  'terminals under load',
  'terminals that are found again',
  'programs that listen',
]);
