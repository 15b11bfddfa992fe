import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { Gesture } from '../../../src/core/gesture.ts';
import type { Session } from '../../../src/core/session/api.ts';
import type { SessionId } from '../../../src/shared/ids.ts';
import { demoFixed, demoFollowUp, demoPrompt } from '../../support/model/demoScript.ts';
import { type Harness, skipUnlessAvailable } from '../harness.ts';
import { applyAll, Desk, plan } from './desk.ts';

/** When the window is killed: so many milliseconds after its program said a word. */
export interface KillPoint {
  readonly after: 'begun' | 'started' | 'turned' | 'applied';
  readonly ms: number;
}

const program = `${import.meta.dirname}/../../support/sessionProgram.ts`;

/** Kills the process that owns a session at one moment and sees whether the next one can go on. */
export function itSurvivesKill(harness: Harness, { after, ms }: KillPoint): void {
  it(`goes on after its window was killed ${ms} ms after it had ${after}`, async function () {
    await skipUnlessAvailable(this, harness);
    const desk = await Desk.open(harness);
    try {
      const before = await desk.read(demoFixed);
      await workUntilKilled(harness, desk, { after, ms });
      const { sessions, ledger, folder } = await desk.window();
      await sessions.recover(new AbortController().signal);
      const [summary] = sessions.list();
      if (summary === undefined) {
        assert.deepEqual([await ledger.list(), await harness.leftRunning()], [[], []]);
        return;
      }
      const session = await sessions.open(summary.id as SessionId, folder);
      // What an interrupted turn left inside is taken in first.
      await session.refreshChanges(plan.signal);
      assert.notEqual(session.summary().status, 'working', 'nobody works on it');
      assert.ok([before, fixedText(before)].includes(await desk.read(demoFixed)), 'whole or not at all');
      await finish(desk, session);
      await session.delete(new Gesture('delete-session', session.id));
      assert.deepEqual([sessions.list(), await ledger.list(), await harness.leftRunning()], [[], [], []]);
    } finally {
      await desk.close();
    }
  });
}

/** What a person would do next, wherever the session stands. */
async function finish(desk: Desk, session: Session): Promise<void> {
  const { status } = session.summary();
  if (status === 'new' || status === 'failed') {
    const manifest = await session.planUpload(plan);
    await session.start(manifest, new Gesture('upload', manifest.subject), () => undefined, plan.signal);
  }
  if (session.summary().status === 'idle' || status === 'interrupted') {
    const prompt = (await desk.testsPass()) ? demoFollowUp : demoPrompt;
    assert.equal((await session.send(desk.turn(prompt), undefined)).how, 'done');
  }
  if (session.changes() !== undefined) await applyAll(session);
  assert.equal(await desk.testsPass(), true);
}

function fixedText(broken: string): string {
  return broken.replace('rest = seconds - count * size', 'rest -= count * size');
}

async function workUntilKilled(harness: Harness, desk: Desk, { after, ms }: KillPoint): Promise<void> {
  const { root, model } = desk.place;
  const child = spawn(process.execPath, [program, harness.module, root, model], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (bytes: Buffer) => {
      if (bytes.toString().includes(after)) resolve();
    });
    child.once('exit', () => reject(new Error(`The program ended before it had ${after}.`)));
  });
  await wait(ms);
  child.kill('SIGKILL');
  await ended;
}
