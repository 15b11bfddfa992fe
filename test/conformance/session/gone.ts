import assert from 'node:assert/strict';
import { Gesture } from '../../../src/core/gesture.ts';
import { type AirlockError, problem } from '../../../src/core/problem.ts';
import type { Provider } from '../../../src/core/sandbox.ts';
import type { Session } from '../../../src/core/session/api.ts';
import { demoAdded, demoFixed, demoFollowUp, demoPrompt } from '../../support/model/demoScript.ts';
import { replaced } from '../../support/replaced.ts';
import { eventually } from '../../support/vscode/eventually.ts';
import { type Harness, never, skipUnlessAvailable } from '../harness.ts';
import { applyAll, Desk, plan } from './desk.ts';

const pathsOf = (session: Session) => session.changes()?.changes.map(({ path }) => path) ?? [];
const gestureFor = (session: Session) => new Gesture('refill', session.id);
const refill = async (session: Session, gesture = gestureFor(session)) =>
  await session.refill(gesture, () => undefined, never);
const said = (session: Session) =>
  session.transcript().flatMap((item) => (item.kind === 'notice' ? [`${item.text} ${item.fix?.id ?? ''}`] : []));

/**
 * A sandbox that is no more when somebody comes back: what was taken in of it goes into another one.
 *
 * @param part `first` is its first row alone, for a kind of sandbox that takes long to make
 */
export function describeGone(name: string, harness: Harness, part: 'whole' | 'first' = 'whole'): void {
  const inWhole = part === 'whole' ? it : () => undefined;
  describe(`a session whose sandbox is gone: ${name}`, function () {
    this.timeout(harness.isSlow === true ? 600_000 : 240_000);
    let desk: Desk;

    before(async function () {
      await skipUnlessAvailable(this, harness);
    });
    beforeEach(async () => {
      desk = await Desk.open(harness);
    });
    afterEach(async () => await desk.close());

    /** A session that changed something, whose window closed and whose sandbox somebody then deleted. */
    async function bereft(): Promise<Session> {
      const { session, sessions } = await desk.start();
      await session.send(desk.turn(demoPrompt), undefined);
      assert.deepEqual(pathsOf(session), [demoFixed]);
      await sessions.detachAll();
      const { provider } = await desk.window();
      for (const { state } of await provider.inventory(never)) {
        assert.deepEqual(await provider.remove(state, never), { kind: 'done' });
      }
      return session;
    }

    async function opened(session: Session, faulty?: (provider: Provider) => Provider): Promise<Session> {
      const { sessions, folder } = await desk.window(faulty === undefined ? {} : { faulty });
      return await sessions.open(session.id, folder);
    }

    async function assertNothingLeft(session: Session): Promise<void> {
      await session.delete(new Gesture('delete-session', session.id));
      await desk.assertNothingLeft();
    }

    it('says so, offers one step, and goes on in another one without losing a change', async () => {
      const session = await opened(await bereft());
      assert.equal(session.summary().status, 'gone');
      assert.match(said(session).at(-1) ?? '', /The sandbox is gone\. .* refill-sandbox$/);
      assert.deepEqual(pathsOf(session), [demoFixed], 'still offered');
      const set = session.changes()?.id;
      assert.ok((session.lastCheckpoint()?.files ?? 0) > 1);
      await assert.rejects(refill(session, new Gesture('upload', session.id)), /something else/);
      assert.equal(
        (await desk.window().then(({ provider }) => provider.inventory(never))).length,
        0,
        'nothing was made',
      );
      await refill(session);
      assert.equal(session.summary().status, 'idle');
      assert.match(said(session).at(-1) ?? '', /^Starting a new sandbox with \d+ files of the last checkpoint\./);
      assert.equal(session.lastCheckpoint(), undefined);
      assert.equal(session.changes()?.id, set, 'what was reviewed is what is offered');
      assert.equal((await session.send(desk.turn(demoFollowUp), undefined)).how, 'done');
      assert.deepEqual(pathsOf(session).sort(), [demoAdded, demoFixed].sort());
      await applyAll(session);
      assert.equal(await desk.testsPass(), true);
      await assertNothingLeft(session);
    });

    inWhole('is never filled from the folder instead, also where nobody gave it a prompt', async () => {
      const { session } = await desk.start();
      await desk.inside(session, "printf 'inside\\n' >made.txt");
      await session.refreshChanges(never);
      const { provider } = await desk.window();
      for (const { state } of await provider.inventory(never)) await provider.remove(state, never);
      await session.restart(() => undefined, never).catch(() => undefined);
      await eventually(() => Promise.resolve(session.summary().status === 'gone' || undefined), 'the end noticed');
      const manifest = await session.planUpload(plan);
      const again = session.start(manifest, new Gesture('upload', manifest.subject), () => undefined, never);
      await assert.rejects(again, ({ problem: why }: AirlockError) => why.fix === 'refill-sandbox');
      await refill(session);
      await session.refreshChanges(never);
      assert.deepEqual(pathsOf(session), ['made.txt']);
      await assertNothingLeft(session);
    });

    inWhole('is noticed while a window works with it', async () => {
      const { session } = await desk.start();
      await session.send(desk.turn(demoPrompt), undefined);
      const { provider } = await desk.window();
      for (const { state } of await provider.inventory(never)) await provider.remove(state, never);
      // Where its end was seen already, only this side is compared.
      await session.refreshChanges(never).catch(() => undefined);
      // A kind that only saw it end finds out when it is to be started again.
      if (session.summary().status !== 'gone') await assert.rejects(session.restart(() => undefined, never));
      await eventually(() => Promise.resolve(session.summary().status === 'gone' || undefined), 'the end noticed');
      await refill(session);
      assert.equal((await session.send(desk.turn(demoFollowUp), undefined)).how, 'done');
      assert.deepEqual(pathsOf(session).sort(), [demoAdded, demoFixed].sort());
      await assertNothingLeft(session);
    });

    inWhole('is as before where the new one cannot be had', async () => {
      const none = problem('credit-used-up', 'The credit is used up.', { fix: 'open-account' });
      const refusing = (provider: Provider): Provider => ({
        ...provider,
        create: () => Promise.resolve({ kind: 'none', problem: none }),
      });
      const session = await opened(await bereft(), refusing);
      await assert.rejects(refill(session), /credit is used up/);
      assert.ok(session.lastCheckpoint(), 'it is offered again');
      assert.deepEqual(pathsOf(session), [demoFixed]);
      await assertNothingLeft(session);
    });

    inWhole('never works in one that was filled by half', async () => {
      const session = await opened(await bereft(), fillingByHalf);
      await assert.rejects(refill(session), /The way broke/);
      await session.detach();
      const again = await opened(session);
      assert.equal(again.summary().status, 'gone');
      assert.match(said(again).at(-1) ?? '', /not filled to the end.* refill-sandbox$/);
      assert.deepEqual(pathsOf(again), [demoFixed], 'no deletion is offered');
      await refill(again);
      assert.equal((await again.send(desk.turn(demoFollowUp), undefined)).how, 'done');
      assert.deepEqual(pathsOf(again).sort(), [demoAdded, demoFixed].sort());
      await assertNothingLeft(again);
    });
  });
}

/** The way to the new sandbox breaks while it is filled, and it cannot be deleted either. */
function fillingByHalf(provider: Provider): Provider {
  const broken = problem('unreachable', 'The way broke.', { delivery: 'maybe-sent' });
  const lost = () => Promise.resolve({ kind: 'unknown' as const, problem: broken });
  return {
    ...provider,
    create: async (...asked) => {
      const created = await provider.create(...asked);
      if (created.kind !== 'ready') return created;
      return { kind: 'ready', sandbox: replaced(created.sandbox, { upload: lost, delete: lost }) };
    },
  };
}
