import assert from 'node:assert/strict';
import { Gesture } from '../../../src/core/gesture.ts';
import { goBackSubject } from '../../../src/core/session/snapshots.ts';
import { type Harness, never, skipUnlessAvailable } from '../harness.ts';
import { applyAll, Desk } from './desk.ts';

/** A session that goes back to files of before: nothing that was taken in is lost, and the review tells what differs. */
export function describeSnapshots(name: string, harness: Harness): void {
  describe(`a session that goes back to a snapshot: ${name}`, function () {
    this.timeout(900_000);
    let desk: Desk;

    before(async function () {
      await skipUnlessAvailable(this, harness);
      desk = await Desk.open(harness);
    });
    after(async () => await desk.close());

    it('takes in what changed before and after, and leaves no snapshot behind', async () => {
      const { session, sessions } = await desk.start();
      const paths = () => session.changes()?.changes.map(({ path }) => path) ?? [];
      assert.equal(session.summary().snapshots, true);
      await desk.inside(session, 'echo then >then.txt');
      await session.snapshots.take();
      assert.deepEqual(paths(), ['then.txt'], 'taken in');
      await desk.inside(session, 'echo later >then.txt; echo later >later.txt');
      await session.refreshChanges(never);
      await applyAll(session);
      assert.deepEqual([await desk.read('then.txt'), await desk.read('later.txt')], ['later\n', 'later\n']);
      await desk.inside(session, 'echo unseen >unseen.txt');

      const [to = assert.fail()] = await session.snapshots.list(never);
      const back = (gesture: Gesture) => session.snapshots.goBack(to, gesture, () => undefined, never);
      await assert.rejects(back(new Gesture('go-back', `${session.id}:another`)), /something else/);
      const checkpoints = session.transcript().length;
      await back(new Gesture('go-back', goBackSubject(session.id, to)));
      assert.equal(session.summary().status, 'idle');
      assert.deepEqual([...paths()].sort(), ['later.txt', 'then.txt'], 'as the folder is against the files of then');
      assert.equal(await desk.read('later.txt'), 'later\n', 'the folder is not touched');
      const said = session.transcript().slice(checkpoints);
      assert.match(JSON.stringify(said), /Going back to the snapshot of/);

      await sessions.detachAll();
      const again = await desk.window();
      const opened = await again.sessions.open(session.id, again.folder);
      assert.deepEqual(
        (await opened.snapshots.list(never)).map(({ id }) => id),
        [to.id],
        'also in another window',
      );
      await opened.delete(new Gesture('delete-session', session.id));
      assert.deepEqual([await again.ledger.list(), await again.provider.inventory(never)], [[], []]);
    });
  });
}
