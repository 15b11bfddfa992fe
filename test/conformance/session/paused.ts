import assert from 'node:assert/strict';
import { Gesture } from '../../../src/core/gesture.ts';
import { type Harness, never, skipUnlessAvailable } from '../harness.ts';
import { Screen } from '../screen.ts';
import { Desk } from './desk.ts';

/** A session whose sandbox is halted: nothing of its work waits inside, and its programs go on. */
export function describePaused(name: string, harness: Harness): void {
  describe(`a session that is paused: ${name}`, function () {
    this.timeout(600_000);
    let desk: Desk;

    before(async function () {
      await skipUnlessAvailable(this, harness);
      desk = await Desk.open(harness);
    });
    after(async () => await desk.close());

    it('takes in what changed, waits over a reload, and goes on with its terminals', async () => {
      const first = await desk.start();
      assert.equal(first.session.summary().pause, 'can');
      const argv = ['sh', '-c', 'echo up; echo made >made.txt; read x; echo "got $x"'];
      const terminal = await first.session.terminals.open({ cols: 80, rows: 24, argv }, never);
      await new Screen(terminal).saw(/up/);
      await first.session.pauseSandbox();
      assert.deepEqual(seen(first.session.summary()), ['paused', 'Paused', 'is']);
      assert.deepEqual(
        first.session.changes()?.changes.map(({ path }) => path),
        ['made.txt'],
      );
      await assert.rejects(first.session.terminals.kept(never), /is paused/);
      const notice = first.session.transcript().at(-1);
      assert.match(notice?.kind === 'notice' ? notice.text : '', /^Sandbox paused\./);
      await first.sessions.detachAll();

      const { sessions, folder, ledger, provider } = await desk.window();
      await sessions.refresh();
      assert.deepEqual(sessions.list().map(seen), [['paused', 'Paused', 'is']], 'before anybody has opened it');
      const session = await sessions.open(first.session.id, folder);
      assert.deepEqual(seen(session.summary()), ['paused', 'Paused', 'is']);
      const steps: string[] = [];
      await session.restart(({ title }) => steps.push(title), never);
      assert.deepEqual(steps, ['Resuming sandbox']);
      assert.deepEqual(seen(session.summary()), ['idle', 'Ready', 'can']);
      assert.ok(!JSON.stringify(session.transcript()).includes('was restarted'), 'nothing has ended');
      const [op = assert.fail()] = await session.terminals.kept(never);
      const again = new Screen(await session.terminals.join(op, never));
      await again.saw(/up/);
      await again.type('there\r');
      await again.saw(/got there/);

      await session.pauseSandbox();
      await session.stopSandbox();
      assert.deepEqual(seen(session.summary()), ['stopped', 'Stopped', undefined]);
      await session.restart(() => undefined, never);
      await session.pauseSandbox();
      await session.delete(new Gesture('delete-session', session.id));
      const left = [await ledger.list(), await provider.inventory(never), await harness.leftRunning()];
      assert.deepEqual(left, [[], [], []]);
    });
  });
}

function seen({ status, statusText, pause }: { status: string; statusText: string; pause?: string | undefined }) {
  return [status, statusText, pause];
}
