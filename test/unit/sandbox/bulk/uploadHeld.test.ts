import assert from 'node:assert/strict';
import type { Exec, ExecRequest, UploadOptions } from '../../../../src/core/sandbox.ts';
import { uploadByExec } from '../../../../src/sandbox/bulk/index.ts';
import { plant, withEachToolSet } from '../../../support/bulkTools.ts';
import { tarOf } from '../../../support/tarOf.ts';
import { treeOnDisk } from '../../../support/treeOnDisk.ts';

describe('an upload that is held up', () => {
  withEachToolSet((bench) => {
    it('ends a program that was stopped inside and does not answer once the upload is cancelled', async () => {
      plant(bench(), { a: 'old' });
      const controller = new AbortController();
      const options: UploadOptions = { root: bench().root, mode: 'merge', signal: controller.signal };
      const stopped = (request: ExecRequest) => {
        const exec = bench().exec({ ...request, run: { shell: 'echo up; kill -STOP $$' } });
        return { ...exec, output: abortingAt(exec.output, controller) };
      };
      const answer = await uploadByExec(stopped, tarOf([['a', 'new']]), [], options, 100);
      assert.equal(answer.kind === 'not-committed' && answer.problem.id, 'aborted');
      assert.deepEqual(treeOnDisk(bench().root), { a: 'f 644 old' });
    });
  });
});

/** Passes output on and aborts with the first of it. */
async function* abortingAt(
  output: Exec['output'],
  controller: AbortController,
): AsyncGenerator<{ fd: 1 | 2; bytes: Uint8Array }> {
  for await (const piece of output) {
    controller.abort();
    yield piece;
  }
}
