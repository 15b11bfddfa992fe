import { harness as withBusybox } from './celestoBusybox.ts';
import { harness as withBusyboxAlone } from './celestoBusyboxShell.ts';
import { carrierHarnesses } from './celestoCarriers.ts';
import { harness as withStream } from './celestoHarness.ts';
import { harness as withoutStream } from './celestoNoStream.ts';
import { harness as withoutPerl } from './celestoPython.ts';
import { harness as withShell } from './celestoShell.ts';
import { frozenChapter, holdersInShell } from './frozen.ts';
import { describeFrozen } from './frozenHosted.ts';
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
for (const [name, harness, more] of [
  ['hosted computers with neither Perl nor Python', withShell, ['terminals inside']],
  ['hosted computers with busybox alone', withBusyboxAlone, []],
] as const) {
  describeSome(`${name}, in full`, { ...harness, scale: 'full' }, [
    'what a command is given and what comes back',
    'how commands end, are found again and outlived',
    'files that go in and come back',
    ...more,
    'terminals under load',
    'terminals that are found again',
  ]);
}
describeFrozen('in a shell by stream, in full', { lacks: ['perl', 'python3'] }, (sandbox) =>
  frozenChapter(sandbox, holdersInShell),
);
for (const [name, harness] of carrierHarnesses) {
  describeSome(`hosted computers with a shell, whose ports come by ${name}, in full`, { ...harness, scale: 'full' }, [
    'programs that listen',
  ]);
}
