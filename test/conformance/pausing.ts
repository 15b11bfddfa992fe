import assert from 'node:assert/strict';
import type { Sandbox, Status } from '../../src/core/sandbox.ts';
import { mintId } from '../../src/shared/ids.ts';
import { type Harness, never, resumeSandbox } from './harness.ts';
import { request, run, sh, Watched } from './running.ts';
import { openScreen, script } from './screen.ts';

/** Sandboxes that can be halted with all that runs in them. */
export function pausingChapter(harness: Harness, sandbox: () => Sandbox): void {
  it('says truly whether it can be paused', () => {
    assert.equal(sandbox().pause !== undefined, harness.pauses === true);
  });

  if (harness.pauses !== true) return;

  const pause = async (one = sandbox()) => assert.deepEqual(await one.pause?.(never), { kind: 'done' });
  /** The state that whoever comes to watch is told first. */
  const state = async (one = sandbox()): Promise<Status['state']> => {
    for await (const status of one.watch(never)) return status.state;
    return assert.fail();
  };

  it('halts what runs, which goes on where it was, in the same boot', async () => {
    const own = sandbox();
    const { incarnation } = own;
    const loop = 'rm -f go; i=0; while [ ! -e go ]; do i=$((i+1)); echo $i; sleep 0.1; done; exit 3';
    const counts = new Watched(own.exec(request(own, loop, { onLinkLoss: 'keep' })));
    const op = mintId('op');
    const screen = await openScreen(own, { ...script('echo up; read x; echo "got $x"'), op, onLinkLoss: 'keep' });
    await Promise.all([counts.saw('\n3\n'), screen.saw(/up/)]);
    await pause();
    await pause();
    assert.equal(await state(), 'paused');
    assert.equal((await run(own, 'true')).outcome.kind, 'not-started');
    await assert.rejects(own.dial(80, never));
    const seen = counts.text;
    assert.deepEqual(await own.start(never), { kind: 'done' });
    assert.equal(own.incarnation, incarnation);
    assert.equal(await state(), 'running');
    await sh(own, ': >go');
    assert.deepEqual(await counts.finished, { kind: 'exited', code: 3 });
    const numbers = counts.text.trim().split('\n').map(Number);
    assert.deepEqual(
      numbers,
      numbers.map((_, at) => at + 1),
      'none is missing, none came twice',
    );
    assert.ok(counts.text.startsWith(seen));
    await screen.type('there\r');
    await screen.saw(/got there/);
    assert.deepEqual(await screen.terminal.ended, { kind: 'exited', code: 0 });
  });

  it('goes on, with its programs, for whoever finds it by its state', async () => {
    const own = sandbox();
    const pid = (await sh(own, 'sleep 600 >/dev/null 2>&1 & echo $!')).trim();
    await pause();
    const { kind, sandbox: found } = await resumeSandbox(harness, own.state());
    assert.equal(kind, 'live');
    await sh(found, 'kill "$1"', pid);
    await found.detach();
    assert.deepEqual(await own.start(never), { kind: 'done' });
  });
}
