import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { obedientScript } from '../../../support/model/obedientScript.ts';
import { treeOnDisk } from '../../../support/treeOnDisk.ts';
import type { SeenRequest } from '../../../support/celesto/front.ts';
import type { HostedHarness } from '../../celestoHarness.ts';
import { never } from '../../harness.ts';
import { Desk } from '../desk.ts';
import { failureOf, mustHaveEnded, playAct, playThrough } from './faults.ts';
import { acts, type Stage } from './story.ts';

const program = `${import.meta.dirname}/../../../support/storyProgram.ts`;

/** Where a program is killed: while its n-th request is not answered, and was carried out or not. */
export interface KillPoint {
  readonly at: number;
  readonly carriedOut: boolean;
}

/** The first request of each kind that changes something, as a session comes to them. */
export async function firstOfEachChange(harness: HostedHarness): Promise<readonly number[]> {
  const { requests } = await harness.double();
  const before = requests.length;
  await playThrough(harness, {});
  const kinds = requests.slice(before).map(kindOf);
  return kinds.flatMap((kind, at) => (kind !== undefined && kinds.indexOf(kind) === at ? [at + 1] : []));
}

function kindOf({ method, url }: SeenRequest): string | undefined {
  const path = url.replace(/\?.*/, '').replace(/(cmp|term)_[0-9a-z]+/, 'id');
  return method === 'GET' && !path.startsWith('/gateway/') ? undefined : `${method} ${path}`;
}

/** Kills at each point; several harnesses share the work. */
export async function surviveKills(
  harnesses: readonly HostedHarness[],
  points: Iterable<KillPoint>,
  reached: (point: KillPoint, was: boolean) => void = (point, was) => assert.ok(was, JSON.stringify(point)),
): Promise<void> {
  const failures: string[] = [];
  const next = points[Symbol.iterator]();
  await Promise.all(
    harnesses.map(async (harness) => {
      for (let point = next.next(); point.done !== true; point = next.next()) {
        const { value } = point;
        const failure = await failureOf(harness, async () => reached(value, await surviveKill(harness, value)));
        if (failure !== undefined) failures.push(`${JSON.stringify(value)}: ${failure}`);
      }
    }),
  );
  assert.deepEqual(failures, []);
}

/** A session whose program was killed is played to its end by the next one. Answers whether it came to be killed. */
async function surviveKill(harness: HostedHarness, point: KillPoint): Promise<boolean> {
  const desk = await Desk.open(harness, obedientScript);
  try {
    const before = treeOnDisk(desk.project);
    const wasKilled = await playUntilKilled(harness, desk, point);
    const { sessions, folder } = await desk.window();
    await sessions.recover(never);
    const [summary, ...others] = sessions.list();
    assert.ok(summary !== undefined && others.length === 0, 'there is the one session');
    const session = await sessions.open(summary.id as Stage['session']['id'], folder);
    const stage = { session, folder, turn: (prompt: string) => desk.turn(prompt) };
    if (session.summary().status !== 'ended') for (const act of acts) await playAct(act, stage);
    await mustHaveEnded(harness, desk, stage, before);
    return wasKilled;
  } finally {
    await desk.close();
  }
}

async function playUntilKilled(harness: HostedHarness, desk: Desk, { at, carriedOut }: KillPoint): Promise<boolean> {
  const { knobs, requests } = await harness.double();
  const before = requests.length;
  knobs.faults = [{ kind: carriedOut ? 'hang-after' : 'hang-before', at }];
  const { root, model } = desk.place;
  const child = spawn(process.execPath, [program, harness.module, root, model], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    const ended = once(child, 'close');
    while (child.exitCode === null && requests.length - before < at) await wait(5);
    const wasReached = requests.length - before >= at;
    child.kill('SIGKILL');
    await ended;
    assert.ok(wasReached || child.exitCode === 0, 'the program came to its end, or to be killed');
    return wasReached;
  } finally {
    knobs.faults = [];
  }
}
