import assert from 'node:assert/strict';
import type { Sandbox } from '../../src/core/sandbox.ts';
import { bulkChapter } from './bulk.ts';
import { endsChapter } from './ends.ts';
import { execChapter } from './exec.ts';
import { createSandbox, type Harness, never, skipUnlessAvailable } from './harness.ts';
import { lifecycleChapter } from './lifecycle.ts';
import { networkChapter } from './network.ts';
import { packagesChapter } from './packages.ts';
import { pausingChapter } from './pausing.ts';
import { portsChapter } from './ports.ts';
import { snapshotsChapter } from './snapshots.ts';
import { terminalChapter } from './terminal.ts';
import { terminalAgainChapter } from './terminalAgain.ts';
import { terminalFlowChapter } from './terminalFlow.ts';

type Chapter = (harness: Harness, sandbox: () => Sandbox) => void;

const shared = {
  'what a command is given and what comes back': execChapter,
  'how commands end, are found again and outlived': endsChapter,
  'files that go in and come back': bulkChapter,
  'terminals inside': terminalChapter,
  'terminals under load': terminalFlowChapter,
  'terminals that are found again': terminalAgainChapter,
  'what is halted and goes on': pausingChapter,
  'snapshots that can be gone back to': snapshotsChapter,
  'programs that listen': portsChapter,
  'the way to allowed hosts': networkChapter,
  'package managers on their way to allowed hosts': packagesChapter,
} satisfies Record<string, Chapter>;

type ChapterTitle = keyof typeof shared;

/** Everything that the sandbox port promises, run against one kind of sandbox. Nothing in it is simulated. */
export function describeConformance(name: string, harness: Harness): void {
  describeChapters(`conformance of ${name}`, harness, Object.keys(shared), () => {
    describe('a sandbox from its making to its end', () => {
      lifecycleChapter(harness);
    });
  });
}

/** Only the named chapters, for a kind of sandbox that differs little from one that goes through all of them. */
export function describeSome(name: string, harness: Harness, titles: readonly ChapterTitle[]): void {
  describeChapters(`conformance of ${name}, in part`, harness, titles, () => undefined);
}

function describeChapters(name: string, harness: Harness, titles: readonly string[], rest: () => void): void {
  describe(name, function () {
    this.timeout(harness.isSlow === true ? 600_000 : 240_000);
    before(async function () {
      await skipUnlessAvailable(this, harness);
    });
    after(async () => {
      const left = await (await harness.provider()).inventory(never);
      const running = await harness.leftRunning();
      await harness.cleanUp();
      assert.deepEqual([left, running], [[], []]);
    });
    describe('one after the other', () => {
      const together = withSandbox(harness, harness.isSlow === true);
      for (const title of titles) {
        describe(title, () => {
          const own = withSandbox(harness, harness.isSlow !== true);
          shared[title as ChapterTitle](harness, () => together() ?? own() ?? missing());
        });
      }
    });
    rest();
  });
}

/** A sandbox for what is described around it, where it is `wanted`. */
function withSandbox(harness: Harness, wanted: boolean): () => Sandbox | undefined {
  let sandbox: Sandbox | undefined;
  if (wanted) {
    before(async () => {
      sandbox = await createSandbox(harness);
    });
    after(async () => {
      await sandbox?.delete(never);
    });
  }
  return () => sandbox;
}

function missing(): never {
  throw new Error('There is no sandbox.');
}
