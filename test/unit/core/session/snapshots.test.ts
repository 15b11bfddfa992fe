import assert from 'node:assert/strict';
import { Gesture } from '../../../../src/core/gesture.ts';
import { problem } from '../../../../src/core/problem.ts';
import type { Sandbox } from '../../../../src/core/sandbox.ts';
import { OneAtATime } from '../../../../src/core/session/oneAtATime.ts';
import type { SandboxLife } from '../../../../src/core/session/sandboxLife.ts';
import { goBackSubject, OwnedSnapshots } from '../../../../src/core/session/snapshots.ts';
import type { Snapshots } from '../../../../src/core/snapshots.ts';
import { mintId } from '../../../../src/shared/ids.ts';
import { recorderInMemory } from './logInMemory.ts';

const to = { id: 's-1', takenAt: 0 };
const never = new AbortController().signal;
const session = mintId('session');

/** What happens to a session's snapshots, in its order. */
function place(more: { snapshots?: Partial<Snapshots> | undefined; takeIn?: () => Promise<void> } = {}) {
  const done: string[] = [];
  const note = (what: string) => {
    done.push(what);
    return Promise.resolve();
  };
  const snapshots: Partial<Snapshots> | undefined =
    'snapshots' in more ? more.snapshots : { take: async () => (await note('taken'), to) };
  const life = {
    running: { snapshots } as unknown as Sandbox,
    sandbox: { snapshots } as unknown as Sandbox,
    goBack: async (id: string) => await note(`back to ${id}`),
  } as unknown as SandboxLife;
  const { recorder, events } = recorderInMemory();
  const takeIn = more.takeIn ?? (() => note('taken in'));
  const own = new OwnedSnapshots({ session, recorder, acts: new OneAtATime(), life, takeIn });
  return { own, done, logged: () => events.map(({ event }) => event.t) };
}

describe('snapshots of a session', () => {
  it('are taken once what changed is taken in', async () => {
    const { own, done, logged } = place();
    await own.take();
    assert.deepEqual([done, logged()], [['taken in', 'taken'], ['snapshot-taken']]);
  });

  it('are gone back to between two looks, by a gesture for this very one', async () => {
    const { own, done, logged } = place();
    const goBack = (gesture: Gesture) => own.goBack(to, gesture, () => undefined, never);
    const other = new Gesture('go-back', goBackSubject(session, { id: 's-2' }));
    await assert.rejects(goBack(other), /something else/);
    const right = new Gesture('go-back', goBackSubject(session, to));
    await goBack(right);
    await assert.rejects(goBack(right), /already used/);
    assert.deepEqual([done, logged()], [['taken in', 'back to s-1', 'taken in'], ['snapshot-intent']]);
  });

  it('replace nothing where not all could be taken in', async () => {
    const { own, done, logged } = place({ takeIn: () => Promise.reject(new Error('broke off')) });
    const gesture = new Gesture('go-back', goBackSubject(session, to));
    await assert.rejects(
      own.goBack(to, gesture, () => undefined, never),
      /broke off/,
    );
    assert.deepEqual([done, logged()], [[], []]);
  });

  it('are refused where the kind of sandbox has none, or says why not', async () => {
    await assert.rejects(place({ snapshots: undefined }).own.take(), /takes no snapshots/);
    const used = problem('bad-input', 'It runs from this snapshot.');
    const { own } = place({ snapshots: { remove: () => Promise.resolve({ kind: 'failed', problem: used }) } });
    await assert.rejects(own.remove(to), /runs from this snapshot/);
  });
});
