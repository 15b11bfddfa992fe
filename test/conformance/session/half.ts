import assert from 'node:assert/strict';
import { Gesture } from '../../../src/core/gesture.ts';
import { AirlockError, problem } from '../../../src/core/problem.ts';
import type { Provider } from '../../../src/core/sandbox.ts';
import { demoFixed, demoPrompt } from '../../support/model/demoScript.ts';
import { present } from '../../support/present.ts';
import { replaced } from '../../support/replaced.ts';
import { type Harness, never, skipUnlessAvailable } from '../harness.ts';
import { Desk, plan, startSession } from './desk.ts';

type Faulty = (provider: Provider) => Provider;

/** Makes the sandbox, tells `made`, and never answers: the window is closed before it could. */
function neverAnswering(made: () => void): Faulty {
  return (provider) => ({
    ...provider,
    create: async (...asked) => {
      const created = await provider.create(...asked);
      if (created.kind === 'ready') await created.sandbox.detach();
      made();
      return await new Promise(() => undefined);
    },
  });
}

/** Makes the sandbox, tells when files begin to go in, and never takes them in: the window is closed before it could. */
function neverFilled(begun: () => void): Faulty {
  return (provider) => ({
    ...provider,
    create: async (...asked) => {
      const created = await provider.create(...asked);
      if (created.kind !== 'ready') return created;
      const upload = async () => {
        begun();
        return await new Promise<never>(() => undefined);
      };
      return { kind: 'ready', sandbox: replaced(created.sandbox, { upload }) };
    },
  });
}

/** The way to what was made is cut. */
function cutOff(provider: Provider): Provider {
  const cut = problem('unreachable', 'The network is gone.', { delivery: 'maybe-sent' });
  const fails = () => Promise.reject(new AirlockError(cut));
  return {
    ...provider,
    settle: fails,
    resume: fails,
    remove: () => Promise.resolve({ kind: 'unknown', problem: cut }),
  };
}

/** A sandbox whose window closed before it held the workspace: nothing can be lost with it, and it may cost money. */
export function describeHalf(name: string, harness: Harness): void {
  describe(`a sandbox whose window closed before it was whole: ${name}`, function () {
    this.timeout(harness.isSlow === true ? 600_000 : 240_000);
    let desk: Desk;
    before(async function () {
      await skipUnlessAvailable(this, harness);
    });
    beforeEach(async () => {
      desk = await Desk.open(harness);
    });
    afterEach(async () => await desk.close());

    const moments = { 'was made': neverAnswering, 'was filled': neverFilled };
    for (const [moment, faultyAt] of Object.entries(moments)) {
      /** A window that was closed at that moment, before which another one leaves its sandbox alone. */
      const closedThen = async () => {
        const isThere = Promise.withResolvers<true>();
        const window = await desk.window({ faulty: faultyAt(() => isThere.resolve(true)) });
        void startSession(harness, window);
        await isThere.promise;
        const other = await desk.window();
        await other.sessions.recover(never);
        assert.equal((await other.provider.inventory(never)).length, 1, 'its window is there: it goes on yet');
        await window.sessions.detachAll();
      };

      it(`puts it away where the window closed while it ${moment}, also where nobody opens its session`, async () => {
        await closedThen();
        const { sessions } = await desk.window();
        await sessions.recover(never);
        await desk.assertNothingLeft();
        assert.deepEqual(sessions.opened(), [], 'nobody sees that it was opened');
        const [left] = sessions.list();
        assert.equal(left?.status, 'failed', 'the session is still there, to be started again');
      });

      it(`tries again at the next start where it could not be put away: closed while it ${moment}`, async () => {
        await closedThen();
        const offline = await desk.window({ faulty: cutOff });
        await offline.sessions.recover(never);
        assert.equal((await offline.ledger.list()).length, 1);
        assert.equal((await (await desk.window()).provider.inventory(never)).length, 1, 'it is still there');
        await (await desk.window()).sessions.recover(never);
        await desk.assertNothingLeft();
      });
    }

    it('puts away the second one, and offers what was taken in of the first one again', async () => {
      const { session, sessions } = await desk.start();
      await session.send(desk.turn(demoPrompt), undefined);
      await sessions.detachAll();
      const { provider } = await desk.window();
      for (const { state } of await provider.inventory(never)) await provider.remove(state, never);
      const isThere = Promise.withResolvers<true>();
      const window = await desk.window({ faulty: neverFilled(() => isThere.resolve(true)) });
      const again = await window.sessions.open(session.id, window.folder);
      void again.refill(new Gesture('refill', again.id), () => undefined, never);
      await isThere.promise;
      await window.sessions.detachAll();
      const next = await desk.window();
      await next.sessions.recover(never);
      await desk.assertNothingLeft();
      assert.equal(next.sessions.list()[0]?.status, 'gone');
      const last = await next.sessions.open(session.id, next.folder);
      assert.ok(present(last.lastCheckpoint()).files > 1);
      assert.deepEqual(
        last.changes()?.changes.map(({ path }) => path),
        [demoFixed],
      );
    });

    it('leaves alone one that was whole when its window closed, also where nothing ran in it yet', async () => {
      const { session, sessions } = await desk.start();
      await sessions.detachAll();
      const next = await desk.window();
      await next.sessions.recover(never);
      assert.equal((await next.provider.inventory(never)).length, 1, 'it lives on');
      const again = await next.sessions.open(session.id, next.folder);
      assert.equal(again.summary().status, 'idle');
      assert.equal(await again.planPush(plan), undefined, 'it holds what the folder holds');
      await again.delete(new Gesture('delete-session', again.id));
      await desk.assertNothingLeft();
    });
  });
}
