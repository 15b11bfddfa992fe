import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { createAgentRunner } from '../../../src/agent/index.ts';
import type { Sandbox } from '../../../src/core/sandbox.ts';
import { takeTurn } from '../../support/agentTurn.ts';
import { rounds, shellCall } from '../../support/model/script.ts';
import { startModelServer } from '../../support/model/server.ts';
import { deleteSandbox, realSandbox } from '../../support/realSandbox.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));

// The SDK finds out by the name of a class which form of apply_patch a model can take, so a bundler must keep names.
describe('the bundled agent', () => {
  const folder = mkdtempSync(join(tmpdir(), 'airlock-agent-bundle-'));
  let sandbox: Sandbox;
  let bundled: { createAgentRunner: typeof createAgentRunner };

  before(async function () {
    sandbox = await realSandbox(this);
    await build({
      absWorkingDir: repository,
      entryPoints: ['src/agent/index.ts'],
      outfile: join(folder, 'agent.cjs'),
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node22',
      minify: true,
      keepNames: true,
      logLevel: 'warning',
    });
    bundled = createRequire(import.meta.url)(join(folder, 'agent.cjs')) as typeof bundled;
  });

  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await deleteSandbox(sandbox);
  });

  for (const api of ['responses', 'chat-completions'] as const) {
    it(`runs a turn with a patch over ${api}`, async () => {
      const patch = { patch: { type: 'create_file', path: `${api}.txt`, diff: '+made\n' } } as const;
      const server = await startModelServer(
        rounds({ calls: [patch] }, { calls: [shellCall(`cat ${api}.txt`)] }, { text: 'Made.' }),
      );
      try {
        const { end, heard } = await takeTurn(bundled.createAgentRunner(), sandbox, server.url, { api });
        assert.equal(end.how, 'done');
        assert.deepEqual(
          heard.edits.map(({ path, ok }) => [path, ok]),
          [[`${api}.txt`, true]],
        );
        assert.deepEqual([...heard.output.values()], ['made']);
        assert.equal(server.requests[0]?.conversation.hostedPatch, api === 'responses');
      } finally {
        await server.close();
      }
    });
  }
});
