import assert from 'node:assert/strict';
import type { Outcome, Sandbox } from '../../src/core/sandbox.ts';
import { mintId } from '../../src/shared/ids.ts';
import type { Harness } from './harness.ts';
import { finish, freshFolder, processes, request, run, sh, Watched } from './running.ts';

/** How commands are ended, found again and outlived. */
export function endsChapter(_harness: Harness, sandbox: () => Sandbox): void {
  const expectStopped = (outcome: Outcome, by: 'abort' | 'deadline') => {
    assert.equal(outcome.kind, 'stopped', JSON.stringify(outcome));
    assert.equal(outcome.by, by);
    if (sandbox().caps.abort !== 'sandbox-only') assert.equal(outcome.killed, sandbox().caps.abort);
  };

  it('ends a command at its deadline, with what it started', async () => {
    const script = 'sleep 314151 & sh -c "trap \\"\\" TERM INT; sleep 314152; sleep 314152" & wait';
    const { outcome } = await run(sandbox(), script, { deadlineMs: 500 });
    expectStopped(outcome, 'deadline');
    assert.doesNotMatch(await processes(sandbox()), /31415[12]/);
  });

  it('leaves a command alone that ends before its deadline', async () => {
    assert.deepEqual((await run(sandbox(), 'exit 2', { deadlineMs: 60_000 })).outcome, { kind: 'exited', code: 2 });
  });

  it('aborts a command with all that escaped from it, and nothing else', async () => {
    const other = new Watched(sandbox().exec(request(sandbox(), 'echo up; sleep 271828')));
    await other.saw('up');
    const controller = new AbortController();
    const script =
      sandbox().caps.abort === 'tree'
        ? 'setsid sleep 314161 & (sleep 314162 &) ; (trap "" HUP; exec sleep 314163) >/dev/null 2>&1 & trap "" TERM; echo up; while :; do sleep 314164; done'
        : 'sleep 314161 & trap "" TERM; echo up; while :; do sleep 314164; done';
    const aborted = new Watched(sandbox().exec(request(sandbox(), script, { signal: controller.signal })));
    await aborted.saw('up');
    controller.abort();
    expectStopped(await aborted.finished, 'abort');
    const left = await processes(sandbox());
    assert.doesNotMatch(left, /31416\d/);
    assert.match(left, /sleep 271828/);
    await other.exec.interrupt('KILL');
    assert.deepEqual(await other.finished, { kind: 'signaled', signal: 'SIGKILL' });
  });

  it('aborts a command whose output nobody reads', async () => {
    const controller = new AbortController();
    const exec = sandbox().exec(request(sandbox(), 'yes 314171', { signal: controller.signal }));
    const output = exec.output[Symbol.asyncIterator]();
    await output.next();
    controller.abort();
    expectStopped(await exec.outcome, 'abort');
    assert.doesNotMatch(await processes(sandbox()), /314171/);
  });

  it('never starts what was aborted before', async () => {
    const folder = await freshFolder(sandbox());
    const { outcome } = await run(sandbox(), ': >ran', { cwd: folder, signal: AbortSignal.abort() });
    assert.equal(outcome.kind, 'not-started');
    assert.equal(await sh(sandbox(), 'ls -- "$1"', folder), '');
  });

  it('does not change an outcome by an abort that comes too late', async () => {
    const controller = new AbortController();
    const exec = sandbox().exec(request(sandbox(), 'exit 4', { signal: controller.signal }));
    assert.deepEqual((await finish(exec)).outcome, { kind: 'exited', code: 4 });
    controller.abort();
    assert.deepEqual(await exec.outcome, { kind: 'exited', code: 4 });
  });

  it('interrupts as asked: a program may answer INT and TERM, not KILL', async () => {
    const script = 'trap "echo int; exit 3" INT; trap "echo term; exit 4" TERM; echo up; while :; do sleep 0.1; done';
    for (const [signal, expected] of [
      ['INT', { kind: 'exited', code: 3 }],
      ['TERM', { kind: 'exited', code: 4 }],
      ['KILL', { kind: 'signaled', signal: 'SIGKILL' }],
    ] as const) {
      const watched = new Watched(sandbox().exec(request(sandbox(), script)));
      await watched.saw('up');
      await watched.exec.interrupt(signal);
      assert.deepEqual(await watched.finished, expected);
    }
  });

  it('answers when the command ends, though a child of it holds its streams', async () => {
    const { out, outcome } = await run(sandbox(), 'sleep 314181 & echo $!');
    assert.deepEqual(outcome, { kind: 'exited', code: 0 });
    assert.equal(await sh(sandbox(), 'kill -0 "$1" && kill -9 "$1" && echo lived', out.trim()), 'lived\n');
  });

  it('keeps alive what a command left behind for the ones after it', async () => {
    const { out } = await run(sandbox(), '(trap "" HUP; sleep 314182; :) >/dev/null 2>&1 & echo $!');
    assert.match(await processes(sandbox()), /sleep 314182/);
    assert.equal(await sh(sandbox(), 'kill -9 "$1"; echo gone', out.trim()), 'gone\n');
  });

  it('runs one operation once', async () => {
    const folder = await freshFolder(sandbox());
    const op = mintId('op');
    const first = sandbox().exec(request(sandbox(), 'echo x >>ran; exit 6', { op, cwd: folder }));
    assert.equal(first.op, op);
    assert.deepEqual((await finish(first)).outcome, { kind: 'exited', code: 6 });
    const again = await run(sandbox(), 'echo x >>ran', { op, cwd: folder });
    assert.notEqual(again.outcome.kind, 'not-started', 'a second answer that it never ran would be a lie');
    assert.equal(await sh(sandbox(), 'cat -- "$1/ran"', folder), 'x\n');
  });

  it('finds a running command by its operation', async () => {
    const op = mintId('op');
    const script = 'echo up; while ! [ -e go ]; do sleep 0.05; done; echo done; exit 8';
    const folder = await freshFolder(sandbox());
    const first = new Watched(sandbox().exec(request(sandbox(), script, { op, cwd: folder, onLinkLoss: 'keep' })));
    await first.saw('up');
    const found = await sandbox().attach(op);
    assert.ok(typeof found === 'object');
    assert.equal(found.op, op);
    const second = new Watched(found);
    await sh(sandbox(), ': >"$1/go"', folder);
    assert.deepEqual(await second.finished, { kind: 'exited', code: 8 });
    assert.match(second.text, /done\n$/);
  });

  it('never says of a command that ran that there was none', async () => {
    const op = mintId('op');
    await run(sandbox(), 'exit 9', { op });
    const found = await sandbox().attach(op);
    assert.notEqual(found, 'no-such-op');
    if (typeof found === 'object') assert.deepEqual((await finish(found)).outcome, { kind: 'exited', code: 9 });
    const none = await sandbox().attach(mintId('op'));
    assert.ok(none === 'no-such-op' || none === 'cannot-know');
  });
}
