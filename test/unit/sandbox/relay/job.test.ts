import assert from 'node:assert/strict';
import { join } from 'node:path';
import { guestPath } from '../../../../src/core/paths.ts';
import { muxWay } from '../../../../src/sandbox/relay/job/muxWay.ts';
import { startExec } from '../../../../src/sandbox/relay/job/start.ts';
import { mintId } from '../../../../src/shared/ids.ts';
import { inEachWithMux } from '../../../support/relay/installed.ts';

inEachWithMux('a command that ends what holds it', (row) => {
  const run = async (before: (end: string) => string) => {
    const op = mintId('op');
    const way = muxWay('test', () => Promise.resolve(row.mux));
    const ways = {
      choose: () => way,
      tell: () => Promise.reject(new Error('Nothing is told.')),
      void: () => Promise.resolve(false),
      stillRuns: () => Promise.resolve(true),
      stoppedByUs: () => false,
      log: () => undefined,
    };
    const shell = `${before(join(row.installed.folder, 'j', op, 'end'))}; kill -KILL $PPID`;
    return await startExec(ways, 'sh', { op, run: { shell }, cwd: guestPath('/'), onLinkLoss: 'kill' }, false).outcome;
  };

  it('is told of by what was left inside', async () => {
    assert.deepEqual(await run((end) => `printf 'exited 4' >${end}`), { kind: 'exited', code: 4 });
  });

  it('is not known of where nothing was', async () => {
    const outcome = await run(() => ':');
    assert.ok(outcome.kind === 'unknown', outcome.kind);
    assert.equal(outcome.problem.detail, 'What ran in the sandbox ended with it.');
  });
});
