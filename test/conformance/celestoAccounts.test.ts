import assert from 'node:assert/strict';
import type { Sandbox } from '../../src/core/sandbox.ts';
import { CelestoDesk } from './celestoDesk.ts';
import { never, newIntent } from './harness.ts';
import { sh } from './running.ts';

/** Somebody with keys of two accounts: the service hides the computers of each from the other. */
describe('a hosted computer of another account', function () {
  this.timeout(240_000);
  let desk: CelestoDesk;
  const otherKey = 'another-key';

  beforeEach(async () => {
    desk = await CelestoDesk.open({ otherKeys: { [otherKey]: 'org_other' } });
  });
  afterEach(async () => await desk.close());

  async function assertThere(sandbox: Sandbox): Promise<void> {
    desk.apiKey = desk.double.apiKey;
    const resumed = await desk.provider.resume(sandbox.state(), never);
    assert.ok('sandbox' in resumed, resumed.kind);
    assert.equal(await sh(resumed.sandbox, 'cat file'), 'kept\n');
    assert.deepEqual(await resumed.sandbox.delete(never), { kind: 'done' });
    // The same key says that it is gone, and that is believed.
    assert.deepEqual(await desk.provider.resume(sandbox.state(), never), { kind: 'gone' });
  }

  for (const projects of ['of the other account', 'not to be had'] as const) {
    it(`never counts as gone or deleted, the other's projects being ${projects}`, async () => {
      const sandbox = await desk.sandbox();
      await sh(sandbox, 'echo kept >file');
      await sandbox.detach();
      desk.apiKey = otherKey;
      if (projects === 'not to be had') {
        desk.double.knobs.faults = [1, 2, 3].map((at) => ({ kind: '403', at, match: 'GET /v1/projects' }));
      }
      const resumed = await desk.provider.resume(sandbox.state(), never);
      assert.ok(resumed.kind === 'unknown', resumed.kind);
      assert.deepEqual([resumed.problem.id, resumed.problem.fix], ['sign-in-needed', 'sign-in']);
      assert.match(resumed.problem.detail, /another Celesto account/);
      assert.equal((await desk.provider.remove(sandbox.state(), never)).kind, 'failed');
      assert.equal(desk.double.computers().length, 1);
      desk.double.knobs.faults = [];
      await assertThere(sandbox);
    });
  }

  it('is not taken for deleted by who works in it', async () => {
    const sandbox = await desk.sandbox();
    await sh(sandbox, 'echo kept >file');
    desk.apiKey = otherKey;
    const deleted = await sandbox.delete(never);
    assert.ok(deleted.kind === 'failed', deleted.kind);
    assert.match(deleted.problem.detail, /another Celesto account/);
    assert.equal((await sandbox.start(never)).kind, 'failed');
    await assertThere(sandbox);
  });

  it('is not asked for a second time there where the answer to its create was lost', async () => {
    desk.double.knobs.faults = [1, 2, 3, 4, 5].map((at) => ({ kind: 'drop-after', at, match: 'POST /v1/computers' }));
    const intent = newIntent();
    assert.equal((await desk.create({}, intent)).kind, 'unknown');
    desk.double.knobs.faults = [];
    desk.apiKey = otherKey;
    await assert.rejects(desk.provider.settle(intent, never), /another Celesto account/);
    assert.equal(desk.double.computers().length, 1);
    desk.apiKey = desk.double.apiKey;
    const settled = await desk.provider.settle(intent, never);
    assert.ok(settled.kind === 'ours');
    assert.deepEqual(await desk.provider.remove(settled.state, never), { kind: 'done' });
  });
});
