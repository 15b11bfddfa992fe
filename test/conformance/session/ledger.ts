import assert from 'node:assert/strict';
import { computerSubject } from '../../../src/core/computers/subject.ts';
import { Gesture } from '../../../src/core/gesture.ts';
import { AirlockError, problem } from '../../../src/core/problem.ts';
import type { Provider } from '../../../src/core/sandbox.ts';
import { demoPrompt } from '../../support/model/demoScript.ts';
import { present } from '../../support/present.ts';
import { createSandbox, never, newIntent, type Harness } from '../harness.ts';
import { Desk, plan, startSession } from './desk.ts';

/** Makes the sandbox, and loses the answer that says so. */
function losingAnswers(provider: Provider): Provider {
  return {
    ...provider,
    create: async (...asked) => {
      const created = await provider.create(...asked);
      if (created.kind === 'ready') await created.sandbox.detach();
      return { kind: 'unknown', problem: problem('sandbox-lost', 'The answer was lost.') };
    },
  };
}

/** Loses the request on its way, and does not know that. */
function losingRequests(provider: Provider): Provider {
  const lost = problem('sandbox-lost', 'The answer was lost.', { delivery: 'maybe-sent' });
  return { ...provider, create: () => Promise.resolve({ kind: 'unknown', problem: lost }) };
}

/** Loses the request, and then the way to ask what became of it. */
function losingAll(provider: Provider): Provider {
  const cut = problem('unreachable', 'The network is gone.', { delivery: 'maybe-sent' });
  return { ...losingRequests(provider), settle: () => Promise.reject(new AirlockError(cut)) };
}

/** Says of a sandbox that is there that it is not, once. */
function goneAtFirst(provider: Provider): Provider {
  let isFirst = true;
  const resume: Provider['resume'] = async (...asked) => {
    if (!isFirst) return await provider.resume(...asked);
    isFirst = false;
    return { kind: 'gone' };
  };
  return { ...provider, resume };
}

/** What was asked for is written down until it is certainly gone. */
export function describeLedger(name: string, harness: Harness): void {
  describe(`the ledger: ${name}`, function () {
    this.timeout(harness.isSlow === true ? 600_000 : 240_000);
    let desk: Desk;

    beforeEach(async () => {
      desk = await Desk.open(harness);
    });
    afterEach(async () => await desk.close());

    it('ends a sandbox whose session is gone', async () => {
      const { session, sessions } = await desk.start();
      await sessions.detachAll();
      await desk.loseRecord(session.id);
      const next = await desk.window();
      await next.sessions.refresh();
      assert.deepEqual([next.sessions.list().length, (await next.ledger.list()).length], [0, 1]);
      assert.notDeepEqual(await next.provider.inventory(never), []);
      assert.notDeepEqual(await harness.leftRunning(), []);
      await next.sessions.recover(never);
      await desk.assertNothingLeft();
    });

    const unreadable = { damaged: 'half a rec', newer: '{"schema":9007199254740991}' };
    for (const [kind, text] of Object.entries(unreadable)) {
      it(`leaves alone the sandbox of a session whose record is ${kind}`, async () => {
        const { session, sessions } = await desk.start();
        await sessions.detachAll();
        await desk.spoilRecord(session.id, text);
        const { ledger, provider, sessions: next, computers } = await desk.window();
        await next.recover(never);
        assert.equal((await provider.inventory(never)).length, 1, 'it lives on');
        const { computers: listed } = await computers.list(never);
        assert.deepEqual(
          listed.map(({ owner }) => owner),
          [{ kind: 'unreadable' }],
        );
        await computers.delete(
          present(listed[0]),
          new Gesture('delete-computer', computerSubject(present(listed[0]))),
          never,
        );
        assert.deepEqual(await ledger.list(), [], 'a person may delete it');
        await desk.assertNothingLeft();
      });
    }

    it('ends a sandbox whose creation was never answered and whose session is gone', async () => {
      const { ledger, provider, sessions } = await desk.window();
      const intent = newIntent();
      await ledger.open({ key: intent.key, provider: provider.id, intent, openedAt: Date.now() });
      await (await createSandbox(harness, intent)).detach();
      await sessions.recover(never);
      await desk.assertNothingLeft();
    });

    it('closes the entry of a sandbox that never was', async () => {
      const { ledger, provider, sessions } = await desk.window();
      const intent = newIntent();
      await ledger.open({ key: intent.key, provider: provider.id, intent, openedAt: Date.now() });
      await sessions.recover(never);
      assert.deepEqual(await ledger.list(), []);
    });

    it('keeps the entry of a kind of sandbox that it does not know', async () => {
      const { ledger, sessions } = await desk.window();
      const intent = newIntent();
      await ledger.open({ key: intent.key, provider: 'another', intent, openedAt: Date.now() });
      await sessions.recover(never);
      assert.equal((await ledger.list()).length, 1);
    });

    it('leaves alone the sandbox of a session that is there', async () => {
      const { session, sessions } = await desk.start();
      const other = await desk.window();
      await other.sessions.recover(never);
      assert.deepEqual(
        (await other.ledger.list()).map(({ intent }) => intent.session),
        [session.id],
      );
      assert.equal((await session.send(desk.turn(demoPrompt), undefined)).how, 'done');
      await session.end();
      assert.equal(session.summary().status, 'ended');
      await desk.assertNothingLeft();
      await session.delete(new Gesture('delete-session', session.id));
      assert.deepEqual(sessions.list(), []);
      await desk.assertNothingLeft();
    });

    it('never ends a sandbox that a session works with, whoever asked for it', async () => {
      const { session, sessions } = await desk.start();
      await sessions.detachAll();
      const { ledger, provider, sessions: next, folder } = await desk.window();
      const [entry] = await ledger.list();
      const intent = newIntent();
      await ledger.open({ ...present(entry), key: intent.key, intent });
      await next.recover(never);
      assert.equal((await provider.inventory(never)).length, 1, 'it lives on');
      const again = await next.open(session.id, folder);
      await again.delete(new Gesture('delete-session', session.id));
      await next.recover(never);
      await desk.assertNothingLeft();
    });

    it('never asks for a second sandbox beside one that is there', async () => {
      const { session } = await desk.start();
      const manifest = await session.planUpload(plan);
      const again = session.start(manifest, new Gesture('upload', manifest.subject), () => undefined, never);
      await assert.rejects(again, /has a sandbox already/);
      assert.equal((await (await desk.window()).provider.inventory(never)).length, 1);
      assert.equal((await session.send(desk.turn(demoPrompt), undefined)).how, 'done');
      await session.delete(new Gesture('delete-session', session.id));
      await desk.assertNothingLeft();
    });

    it('finds the sandbox whose creation was not answered, and works in it', async () => {
      const { session } = await desk.start({ faulty: losingAnswers });
      assert.equal((await session.send(desk.turn(demoPrompt), undefined)).how, 'done');
      assert.equal((await (await desk.window()).provider.inventory(never)).length, 1, 'no second one was made');
      await session.delete(new Gesture('delete-session', session.id));
      await desk.assertNothingLeft();
    });

    it('has the sandbox again that was taken for gone and came back, which was never started anew', async () => {
      const { session, sessions } = await desk.start();
      await sessions.detachAll();
      const { sessions: next, folder, ledger } = await desk.window({ faulty: goneAtFirst });
      const again = await next.open(session.id, folder);
      assert.deepEqual([again.summary().status, await ledger.list()], ['gone', []]);
      await again.restart(() => undefined, never);
      assert.deepEqual([again.summary().status, (await ledger.list()).length], ['idle', 1]);
      assert.doesNotMatch(JSON.stringify(again.transcript()), /was restarted/);
      await again.stopSandbox();
      await again.restart(() => undefined, never);
      assert.match(JSON.stringify(again.transcript()), /was restarted/);
      await again.delete(new Gesture('delete-session', again.id));
      await desk.assertNothingLeft();
    });

    it('says that no sandbox was made where the request was lost', async () => {
      const window = await desk.window({ faulty: losingRequests });
      await assert.rejects(startSession(harness, window), /The answer was lost/);
      const [session] = window.sessions.opened();
      assert.equal(session?.summary().status, 'failed');
      await desk.assertNothingLeft();
    });

    it('says that the sandbox is lost where nobody can be asked what became of it, and starts it later', async () => {
      const window = await desk.window({ faulty: losingAll });
      await assert.rejects(startSession(harness, window), /The network is gone/);
      const session = present(window.sessions.opened()[0]);
      assert.equal(session.summary().statusText, 'Sandbox lost');
      assert.match(JSON.stringify(session.transcript().at(-1)), /The network is gone/);
      await session.detach();
      const next = await desk.window();
      const again = await next.sessions.open(session.id, next.folder);
      const manifest = await again.planUpload(plan);
      await again.start(manifest, new Gesture('upload', manifest.subject), () => undefined, never);
      assert.equal(again.summary().status, 'idle');
      await again.delete(new Gesture('delete-session', again.id));
      await desk.assertNothingLeft();
    });
  });
}
