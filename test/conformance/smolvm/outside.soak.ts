import assert from 'node:assert/strict';
import { z } from 'zod';
import type { Sandbox, Status } from '../../../src/core/sandbox.ts';
import { pause, type Program } from '../../../src/sandbox/smolvm/program/index.ts';
import { createSandbox } from '../harness.ts';
import { request, run, sh, Watched } from '../running.ts';
import { harness } from '../smolvmHarness.ts';
import { never, programOf, rigOrSkip } from './programs.ts';

const state = z.object({ vmId: z.string() });

/** Nobody tells of a pause: a connection that stands is given up when nothing has answered for half a minute. */
describe('a local virtual machine that is paused from outside', function () {
  this.timeout(600_000);
  let program: Program;
  let sandbox: Sandbox | undefined;

  before(async function () {
    program = programOf(await rigOrSkip(this), 'smolvm');
    sandbox = await createSandbox(harness);
  });
  after(async () => {
    await sandbox?.delete(never);
    await harness.cleanUp();
  });

  it('is told as paused, its command waits, and both go on', async () => {
    const own = sandbox ?? assert.fail();
    const { incarnation } = own;
    const waits = 'mkfifo /tmp/fifo; echo began; read x </tmp/fifo; exit 5';
    const under = new Watched(own.exec(request(own, waits, { onLinkLoss: 'keep' })));
    await under.saw('began');
    const paused = told(own, 'paused');
    await pause(program, state.parse(own.state().data).vmId);
    assert.match((await paused).detail ?? '', /is paused/);
    assert.equal((await run(own, 'true')).outcome.kind, 'not-started');
    assert.deepEqual(await own.start(never), { kind: 'done' });
    assert.equal(own.incarnation, incarnation);
    await sh(own, 'echo go >/tmp/fifo');
    assert.deepEqual(await under.finished, { kind: 'exited', code: 5 });
  });
});

async function told(sandbox: Sandbox, wanted: Status['state']): Promise<Status> {
  for await (const status of sandbox.watch(never)) if (status.state === wanted) return status;
  return assert.fail();
}
