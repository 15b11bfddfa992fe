import type { Sandbox } from '../../../src/core/sandbox.ts';
import { skipBecause } from '../../support/commands/results.ts';
import { lacksPython } from '../../support/relay/systemPython.ts';
import { SshGuest } from '../../support/ssh/guest.ts';
import { bulkChapter } from '../bulk.ts';
import { endedFrozenChapter } from '../frozen.ts';
import type { Traits } from '../harness.ts';
import { terminalChapter } from '../terminal.ts';
import { terminalAgainChapter } from '../terminalAgain.ts';
import { terminalFlowChapter } from '../terminalFlow.ts';
import { SshDesk } from './sshDesk.ts';

/** What goes another way in a guest than in a hosted computer, where our program inside runs in Python. */
describe('a guest that has Python and no Perl', function () {
  this.timeout(240_000);
  let desk: SshDesk;
  let sandbox: Sandbox;

  before(async function () {
    const reason = lacksPython() ?? (await SshGuest.unavailable());
    if (reason !== undefined) skipBecause(this, reason);
    desk = new SshDesk({ lacks: ['perl'] });
    await desk.vm.start();
    sandbox = await desk.open();
  });
  after(async () => {
    await sandbox.detach();
    await desk.close();
  });

  const traits: Traits = {
    scale: 'tenth',
    keepsTerminals: true,
    holdsTerminalsBack: true,
    provider: () => Promise.resolve({ resume: async () => ({ kind: 'live', sandbox: await desk.open() }) }),
  };

  endedFrozenChapter(() => desk.open());
  for (const chapter of [terminalChapter, terminalAgainChapter, terminalFlowChapter, bulkChapter]) {
    chapter(traits, () => sandbox);
  }
});
