import assert from 'node:assert/strict';
import type { Sandbox } from '../../src/core/sandbox.ts';
import { type Harness, never } from './harness.ts';
import { sh } from './running.ts';

/** Files that are kept as they were, to be gone back to. */
export function snapshotsChapter(harness: Harness, sandbox: () => Sandbox): void {
  it('says truly whether snapshots can be taken', () => {
    assert.equal(sandbox().snapshots !== undefined, harness.snapshots === true);
  });

  if (harness.snapshots !== true) return;

  it('goes back to one, which is another boot on the files of then, and may do so again', async () => {
    const own = sandbox();
    const { snapshots = assert.fail() } = own;
    const { incarnation } = own;
    assert.deepEqual(await snapshots.list(never), []);
    await sh(own, 'echo then >kept; sleep 271828 >/dev/null 2>&1 &');
    const before = Date.now();
    const taken = await snapshots.take();
    assert.ok(Math.abs(taken.takenAt - before) < 600_000 && (taken.bytes ?? 0) > 1_000_000);
    assert.equal(own.incarnation, incarnation, 'it goes on');
    assert.deepEqual(await snapshots.list(never), [taken]);
    const times = harness.scale === 'full' ? ['later', 'later still'] : ['later'];
    for (const text of times) {
      await sh(own, 'echo "$1" >kept; echo more >added', text);
      const booted = own.incarnation;
      assert.deepEqual(await snapshots.goBack(taken.id, never), { kind: 'done' });
      assert.notEqual(own.incarnation, booted);
      assert.equal(
        await sh(own, 'cat kept; ls added 2>/dev/null || echo gone; pgrep -f "sleep 27182[8]" || echo none'),
        'then\ngone\nnone\n',
      );
    }
    const used = await snapshots.remove(taken.id);
    assert.match(used.kind === 'done' ? '' : used.problem.detail, /runs from this snapshot/);
    assert.equal((await snapshots.goBack('another', never)).kind, 'failed');
    assert.equal(await sh(own, 'cat kept'), 'then\n', 'what is refused changes nothing');
    if (harness.scale !== 'full') return;
    assert.deepEqual(await own.stop(never), { kind: 'done' });
    assert.deepEqual(await snapshots.remove(taken.id), { kind: 'done' });
    assert.deepEqual(await snapshots.remove(taken.id), { kind: 'done' });
    assert.deepEqual(await snapshots.list(never), []);
    assert.deepEqual(await own.start(never), { kind: 'done' });
    assert.equal(await sh(own, 'cat kept'), 'then\n', 'what it is made of stays without the snapshot');
  });
}
