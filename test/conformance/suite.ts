import assert from 'node:assert/strict';
import type { Sandbox } from '../../src/core/sandbox.ts';
import { bulkChapter } from './bulk.ts';
import { endsChapter } from './ends.ts';
import { execChapter } from './exec.ts';
import { createSandbox, type Harness, never, skipUnlessAvailable } from './harness.ts';
import { lifecycleChapter } from './lifecycle.ts';
import { networkChapter } from './network.ts';
import { packagesChapter } from './packages.ts';
import { portsChapter } from './ports.ts';
import { terminalChapter } from './terminal.ts';
import { terminalAgainChapter } from './terminalAgain.ts';
import { terminalFlowChapter } from './terminalFlow.ts';

type Chapter = (harness: Harness, sandbox: () => Sandbox) => void;

const shared: Readonly<Record<string, Chapter>> = {
  'what a command is given and what comes back': execChapter,
  'how commands end, are found again and outlived': endsChapter,
  'files that go in and come back': bulkChapter,
  'terminals inside': terminalChapter,
  'terminals under load': terminalFlowChapter,
  'terminals that are found again': terminalAgainChapter,
  'programs that listen': portsChapter,
  'the way to allowed hosts': networkChapter,
  'package managers on their way to allowed hosts': packagesChapter,
};

/** Everything that the sandbox port promises, run against one kind of sandbox. Nothing in it is simulated. */
export function describeConformance(name: string, harness: Harness): void {
  describe(`conformance of ${name}`, function () {
    this.timeout(60_000);
    before(async function () {
      await skipUnlessAvailable(this, harness);
    });
    after(async () => {
      const left = await (await harness.provider()).inventory(never);
      const running = await harness.leftRunning();
      await harness.cleanUp();
      assert.deepEqual([left, running], [[], []]);
    });
    for (const [title, chapter] of Object.entries(shared)) {
      describe(title, () => {
        let sandbox: Sandbox | undefined;
        before(async () => {
          sandbox = await createSandbox(harness);
        });
        after(async () => {
          await sandbox?.delete(never);
        });
        chapter(harness, () => sandbox ?? missing());
      });
    }
    describe('a sandbox from its making to its end', () => {
      lifecycleChapter(harness);
    });
  });
}

function missing(): never {
  throw new Error('There is no sandbox.');
}
