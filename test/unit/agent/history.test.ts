import assert from 'node:assert/strict';
import { deleteSandbox, realSandbox } from '../../support/realSandbox.ts';
import type { Sandbox } from '../../../src/core/sandbox.ts';
import type { AirlockSandboxSession } from '../../../src/agent/session.ts';
import { present } from '../../support/present.ts';
import { createAgentRunner } from '../../../src/agent/runner.ts';
import { sessionOver } from '../../support/agentSession.ts';
import { takeTurn } from '../../support/agentTurn.ts';
import { rounds, shellCall } from '../../support/model/script.ts';
import { startModelServer } from '../../support/model/server.ts';

describe('the conversation of a session', () => {
  let sandbox: Sandbox;
  let session: AirlockSandboxSession;
  const runner = createAgentRunner();
  before(async function () {
    sandbox = await realSandbox(this);
    session = sessionOver(sandbox);
  });
  after(() => deleteSandbox(sandbox));

  const patch = { patch: { type: 'create_file', path: 'made.txt', diff: '+made\n' } } as const;
  const apis = ['responses', 'chat-completions'] as const;

  for (const first of apis) {
    for (const second of apis) {
      it(`begun over ${first} goes on over ${second}`, async () => {
        const script = rounds({ reasoning: 'Hm.', calls: [shellCall('echo hello'), patch] }, { text: 'Made.' });
        const one = await startModelServer(script);
        const two = await startModelServer(rounds({ text: 'Yes.' }));
        try {
          const { end, heard } = await takeTurn(runner, sandbox, one.url, { api: first });
          assert.equal(end.how, 'done');
          assert.equal(heard.edits[0]?.ok, true);
          const next = await takeTurn(runner, sandbox, two.url, { api: second, history: heard.kept, prompt: 'Sure?' });
          assert.equal(next.end.how, 'done');
          const { entries } = present(two.requests[0]).conversation;
          const kinds = entries.map((entry) => ('name' in entry ? `${entry.kind} ${entry.name}` : entry.kind));
          assert.deepEqual(kinds.filter((kind) => kind !== 'result').sort(), [
            'assistant',
            'call apply_patch',
            'call exec_command',
            'user',
            'user',
          ]);
          assert.equal(kinds.filter((kind) => kind === 'result').length, 2);
          assert.ok(!JSON.stringify(two.requests[0]?.body).includes('rs_reply'), 'no reasoning of another endpoint');
        } finally {
          await Promise.all([one.close(), two.close()]);
          await session.exec({ cmd: 'rm -f made.txt' });
        }
      });
    }

    it(`over ${first} that was cut off by a crash has an answer for every call`, async () => {
      const server = await startModelServer(rounds({ calls: [shellCall('echo one'), patch] }, { text: 'Fine.' }));
      try {
        const { heard } = await takeTurn(runner, sandbox, server.url, { api: first });
        const isResult = (kept: unknown) =>
          /"type":"(?:function_call_result|apply_patch_call_output)"/.test(JSON.stringify(kept));
        const torn = heard.kept.slice(0, heard.kept.findIndex(isResult));
        assert.ok(torn.length >= 3);
        const damaged = [...torn, { v: 99 }, 'nothing', null];
        const next = await takeTurn(runner, sandbox, server.url, { api: first, history: damaged });
        assert.equal(next.end.how, 'done');
        const asked = server.requests.find(({ conversation }) =>
          conversation.entries.some((entry) => entry.kind === 'result' && /Interrupted before/.test(entry.text)),
        );
        assert.equal(asked?.conversation.entries.filter(({ kind }) => kind === 'result').length, 2);
      } finally {
        await server.close();
        await session.exec({ cmd: 'rm -f made.txt' });
      }
    });
  }
});
