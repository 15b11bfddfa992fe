import assert from 'node:assert/strict';
import { obedientScript } from '../../../support/model/obedientScript.ts';
import { treeOnDisk } from '../../../support/treeOnDisk.ts';
import type { FaultKind, Knobs } from '../../../support/celesto/knobs.ts';
import type { HostedHarness } from '../../celestoHarness.ts';
import { never } from '../../harness.ts';
import { applyAll, Desk } from '../desk.ts';
import { acts, made, newStage, written, type Act, type Stage } from './story.ts';

/** Most times that one act is tried: a fault hits once, and what it leaves behind is mended by the next try. */
const mostTries = 2;

/**
 * Plays whole sessions with that fault at one request of each, further on each time, until a session has no such request
 * any more: whatever requests there are, now and later, each is hit. Several harnesses share the work.
 */
export async function hitEachRequest(harnesses: readonly HostedHarness[], kind: FaultKind): Promise<void> {
  const failures: string[] = [];
  await Promise.all(
    harnesses.map(async (harness, lane) => {
      const { requests } = await harness.double();
      for (let at = lane + 1, wasHit = true; wasHit; at += harnesses.length) {
        const before = requests.length;
        const failure = await failureOf(harness, () => playThrough(harness, { faults: [{ kind, at }] }));
        const hit = requests[before + at - 1];
        if (failure !== undefined) failures.push(`${kind} at request ${at}, ${hit?.method} ${hit?.url}: ${failure}`);
        wasHit = hit !== undefined;
      }
    }),
  );
  assert.deepEqual(failures, []);
}

/** What went wrong; undefined where all went as it must. Leaves no computer behind. */
export async function failureOf(harness: HostedHarness, work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    const ended = (await harness.double()).computers().flatMap(({ lastError }) => lastError ?? []);
    const provider = await harness.provider();
    for (const { state } of await provider.inventory(never)) await provider.remove(state, never);
    return [error instanceof Error ? (error.stack ?? error.message) : String(error), ...ended].join('\n');
  }
}

/**
 * Plays a whole session with a service in that state, as a person would who presses once more where something failed.
 * Then it must be at its end, nothing may be left of it anywhere, and the folder must hold what it held, what the person
 * wrote, and what was applied.
 */
export async function playThrough(harness: HostedHarness, knobs: Partial<Knobs>): Promise<void> {
  const double = await harness.double();
  const usual = { ...double.knobs };
  const desk = await Desk.open(harness, obedientScript);
  try {
    const before = treeOnDisk(desk.project);
    const stage = await newStage(desk, harness);
    Object.assign(double.knobs, knobs);
    for (const act of acts) await playAct(act, stage);
    Object.assign(double.knobs, usual);
    await mustHaveEnded(harness, desk, stage, before);
  } finally {
    Object.assign(double.knobs, usual);
    await desk.close();
  }
}

/** Plays one act, once more where it failed. */
export async function playAct(act: Act, stage: Stage): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    try {
      await act.play(stage);
      return;
    } catch (error) {
      if (tried === mostTries) throw new Error(`“${act.name}” failed again: ${String(error)}`, { cause: error });
    }
  }
}

/** What was made inside is offered and comes home; of the sandbox nothing is left. */
export async function mustHaveEnded(
  harness: HostedHarness,
  desk: Desk,
  { session }: Pick<Stage, 'session'>,
  before: Readonly<Record<string, string>>,
): Promise<void> {
  assert.equal(session.summary().status, 'ended');
  assert.deepEqual(await applyAll(session), [made]);
  const expected = { ...before, [written]: 'f 644 mine\n', [made]: 'f 644 inside\n' };
  assert.deepEqual(treeOnDisk(desk.project), expected);
  await mustBeGone(harness, desk);
}

/** The sweep of a freshly opened window leaves nothing in the ledger and no computer at the service. */
export async function mustBeGone(harness: HostedHarness, desk: Desk): Promise<void> {
  const { sessions, ledger } = await desk.window();
  await sessions.recover(never);
  assert.deepEqual([await ledger.list(), await harness.leftRunning()], [[], []]);
}
