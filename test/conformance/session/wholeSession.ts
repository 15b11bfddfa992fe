import assert from 'node:assert/strict';
import { relPath } from '../../../src/core/paths.ts';
import { Gesture } from '../../../src/core/gesture.ts';
import { demoAdded, demoFixed, demoFollowUp, demoPrompt } from '../../support/model/demoScript.ts';
import { type Harness, skipUnlessAvailable } from '../harness.ts';
import { applyAll, Desk, plan } from './desk.ts';

/**
 * A session from upload to applied changes, on every kind of sandbox alike.
 *
 * @param part `first` is its first row alone, for a kind of sandbox that takes long to make
 */
export function describeWholeSession(name: string, harness: Harness, part: 'whole' | 'first' = 'whole'): void {
  const inWhole = part === 'whole' ? it : () => undefined;
  describe(`a whole session: ${name}`, function () {
    this.timeout(harness.isSlow === true ? 600_000 : 240_000);
    let desk: Desk;

    before(async function () {
      await skipUnlessAvailable(this, harness);
    });
    beforeEach(async () => {
      desk = await Desk.open(harness);
    });
    afterEach(async () => await desk.close());

    it('mends a project: its tests fail before and pass after the changes came home', async () => {
      assert.equal(await desk.testsPass(), false);
      const { session } = await desk.start();
      const end = await session.send(desk.turn(demoPrompt), undefined);
      assert.deepEqual(end.how, 'done', JSON.stringify(end));
      assert.deepEqual(
        session.changes()?.changes.map(({ path }) => path),
        [demoFixed],
      );
      assert.deepEqual(await applyAll(session), [demoFixed]);
      assert.equal(await desk.testsPass(), true);
      assert.equal(session.changes(), undefined);
      await session.end();
      assert.equal(session.summary().status, 'ended');
      await session.delete(new Gesture('delete-session', session.id));
    });

    inWhole('goes on in the same conversation and sandbox, and undoes its last apply', async () => {
      const { session } = await desk.start();
      const before = await desk.read(demoFixed);
      await session.send(desk.turn(demoPrompt), undefined);
      await session.send(desk.turn(demoFollowUp), undefined);
      const offered = session.changes()?.changes.map(({ path }) => path) ?? [];
      assert.deepEqual([...offered].sort(), [demoAdded, demoFixed].sort());
      await applyAll(session);
      const undoable = await session.undoable();
      assert.equal(undoable?.paths.length, 2);
      await session.undo(new Set(), new Gesture('undo', undoable.set));
      assert.equal(await desk.read(demoFixed), before);
      await assert.rejects(desk.read(demoAdded));
      assert.equal(session.changes()?.changes.length, 2, 'what was undone is offered again');
      await session.delete(new Gesture('delete-session', session.id));
    });

    inWhole('merges with newer local work, sends it in with the next turn, and never overwrites it', async () => {
      const { session } = await desk.start();
      await session.send(desk.turn(demoPrompt), undefined);
      const mine = `// mine\n${await desk.read(demoFixed)}`;
      await desk.write(demoFixed, mine);
      await desk.write('NOTES.md', 'new here\n');
      const set = await session.refreshChanges(plan.signal);
      assert.equal(set?.changes[0]?.merge, 'auto');
      await applyAll(session);
      assert.match(await desk.read(demoFixed), /^\/\/ mine\n/);
      assert.equal(await desk.testsPass(), true);
      const push = await session.planPush(plan);
      assert.deepEqual(push?.files.map(({ path }) => path).sort(), ['NOTES.md', demoFixed].sort());
      const gesture = new Gesture('upload', push.subject);
      await session.send(desk.turn(demoFollowUp), { manifest: push, gesture });
      assert.deepEqual(
        session.changes()?.changes.map(({ path }) => path),
        [demoAdded],
      );
      await session.delete(new Gesture('delete-session', session.id));
    });

    inWhole('is found again by the next window, with its transcript, changes and sandbox', async () => {
      const { session, sessions } = await desk.start();
      await session.send(desk.turn(demoPrompt), undefined);
      const transcript = session.transcript();
      await sessions.detachAll();
      const next = await desk.window();
      await next.sessions.refresh();
      assert.deepEqual(
        next.sessions.list().map(({ id, status }) => [id, status]),
        [[session.id, 'idle']],
      );
      const again = await next.sessions.open(session.id, next.folder);
      assert.deepEqual(again.transcript(), transcript);
      assert.equal(again.changes()?.changes.length, 1);
      await again.send(desk.turn(demoFollowUp), undefined);
      assert.equal(again.changes()?.changes.length, 2);
      await again.delete(new Gesture('delete-session', again.id));
      assert.deepEqual(next.sessions.list(), []);
    });

    inWhole('refuses a gesture that was made for something else, and one that was used', async () => {
      const { session } = await desk.start();
      await session.send(desk.turn(demoPrompt), undefined);
      const set = session.changes();
      assert.ok(set);
      const choice = { paths: new Set([relPath(demoFixed)]), takeTheirs: new Set<never>() };
      await assert.rejects(session.apply(set.id, choice, new Gesture('upload', set.id)), /something else/);
      const used = new Gesture('apply', set.id);
      await session.apply(set.id, choice, used);
      await assert.rejects(session.apply(set.id, choice, used), /already used/);
      await session.delete(new Gesture('delete-session', session.id));
    });

    inWhole('stops a turn at once and can go on with the next', async () => {
      const { session } = await desk.start();
      const running = session.send(desk.turn(demoPrompt), undefined);
      await new Promise<void>((resolve) => {
        session.onDidChange((delta) => {
          if (delta.kind === 'items' && delta.items.some(({ kind }) => kind === 'command')) resolve();
        });
      });
      await session.stopTurn();
      assert.equal((await running).how, 'stopped');
      assert.equal((await session.send(desk.turn(demoPrompt), undefined)).how, 'done');
      await session.delete(new Gesture('delete-session', session.id));
    });
  });
}
