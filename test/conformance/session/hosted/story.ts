import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Gesture } from '../../../../src/core/gesture.ts';
import { problemOf } from '../../../../src/core/problem.ts';
import type { Session, TurnInput } from '../../../../src/core/session/api.ts';
import type { LocalFolder } from '../../../../src/core/storage.ts';
import type { Harness } from '../../harness.ts';
import { plan, type Desk } from '../desk.ts';

const { signal } = plan;
const port = 8123;

/** The file that the person writes during the session, and the one that is made inside. */
export const written = 'NOTES.md';
export const made = 'made.txt';

/** What a story is played with. */
export interface Stage {
  readonly session: Session;
  readonly folder: LocalFolder;
  turn(prompt: string): TurnInput;
}

/** A new session at a desk, before anything was done in it. */
export async function newStage(desk: Desk, harness: Harness): Promise<Stage> {
  const { sessions, provider, folder } = await desk.window();
  const { settings, toolchains } = harness.options;
  const session = await sessions.create({ provider, folder, settings, toolchains, title: 'Test' });
  return { session, folder, turn: (prompt) => desk.turn(prompt) };
}

/** One thing that a person does. Done again after a failure, it goes on where it broke off. */
export interface Act {
  readonly name: string;
  readonly play: (stage: Stage) => Promise<void>;
}

/** A whole session with its sandbox, from the first request to the last. */
export const acts: readonly Act[] = [
  { name: 'start', play: ({ session }) => beReady(session) },
  { name: 'turn', play: makeInside },
  { name: 'push', play: writeAndWork },
  { name: 'publish', play: ({ session }) => publish(session) },
  { name: 'unpublish', play: ({ session }) => session.ports.unpublish(port) },
  { name: 'stop', play: ({ session }) => stop(session) },
  { name: 'restart', play: ({ session }) => beReady(session) },
  { name: 'end', play: ({ session }) => session.end() },
];

/** Brings the sandbox to where a turn can be taken in it, wherever the session stands. */
export async function beReady(session: Session): Promise<void> {
  const { status } = session.summary();
  if (status === 'idle' || status === 'interrupted') return;
  if (status !== 'new' && (await restarts(session))) return;
  if (session.lastCheckpoint() !== undefined) {
    await session.refill(new Gesture('refill', session.id), () => undefined, signal);
    return;
  }
  const manifest = await session.planUpload(plan);
  await session.start(manifest, new Gesture('upload', manifest.subject), () => undefined, signal);
}

/** False where there is nothing to restart. */
async function restarts(session: Session): Promise<boolean> {
  try {
    await session.restart(() => undefined, signal);
    return true;
  } catch (error) {
    if (problemOf(error, 'sandbox-lost').id !== 'sandbox-gone') throw error;
    return false;
  }
}

/** A command that did not begin is told to the model, which may end its turn all the same. */
async function makeInside(stage: Stage): Promise<void> {
  const { session } = stage;
  await beReady(session);
  const end = await session.send(stage.turn(`printf 'inside\\n' >${made}`), undefined);
  const found = session.changes()?.changes.map(({ path }) => path);
  assert.deepEqual([end.how, found], ['done', [made]], JSON.stringify(end));
}

async function writeAndWork(stage: Stage): Promise<void> {
  const { session, folder } = stage;
  await beReady(session);
  await writeFile(join(folder.path, written), 'mine\n');
  const manifest = await session.planPush(plan);
  const push = manifest && { manifest, gesture: new Gesture('upload', manifest.subject) };
  const end = await session.send(stage.turn(`cat ${written}`), push);
  assert.equal(end.how, 'done', JSON.stringify(end));
}

async function publish(session: Session): Promise<void> {
  await beReady(session);
  await session.ports.publish(port, 60_000, new Gesture('publish', `${session.id}:${port}`), signal);
}

async function stop(session: Session): Promise<void> {
  if (session.summary().status === 'stopped') return;
  await session.stopSandbox();
  assert.equal(session.summary().status, 'stopped');
}
