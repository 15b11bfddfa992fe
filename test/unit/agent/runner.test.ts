import assert from 'node:assert/strict';
import { deleteSandbox, realSandbox } from '../../support/realSandbox.ts';
import type { Sandbox } from '../../../src/core/sandbox.ts';
import type { AirlockSandboxSession } from '../../../src/agent/session.ts';
import { takeInFolder } from '../../support/takeInFolder.ts';
import { present } from '../../support/present.ts';
import { fileURLToPath } from 'node:url';
import { createAgentRunner } from '../../../src/agent/runner.ts';
import { sessionOver } from '../../support/agentSession.ts';
import { Heard, takeTurn } from '../../support/agentTurn.ts';
import { demoAdded, demoFixed, demoFollowUp, demoPrompt, demoScript } from '../../support/model/demoScript.ts';
import { rounds, shellCall } from '../../support/model/script.ts';
import { startModelServer } from '../../support/model/server.ts';
import { eventually } from '../../support/vscode/eventually.ts';

const project = fileURLToPath(new URL('../../fixtures/demo-project', import.meta.url));

for (const api of ['responses', 'chat-completions'] as const) {
  describe(`a turn over ${api}`, () => {
    let sandbox: Sandbox;
    let session: AirlockSandboxSession;
    const runner = createAgentRunner();
    before(async function () {
      sandbox = await realSandbox(this);
      session = sessionOver(sandbox);
      await takeInFolder(sandbox, project);
    });
    after(() => deleteSandbox(sandbox));

    it('finds and fixes the bug of the project, and goes on in the next turn', async () => {
      const server = await startModelServer(demoScript);
      try {
        const { end, heard } = await takeTurn(runner, sandbox, server.url, { api, prompt: demoPrompt });
        assert.equal(end.how, 'done');
        assert.ok(end.usage && end.usage.inputTokens > 0 && end.usage.outputTokens > 0);
        const [, firstTest, , lastTest] = heard.commands.map(({ op }) => heard.ends.get(op));
        assert.deepEqual(firstTest, { kind: 'exited', code: 1 });
        assert.deepEqual(lastTest, { kind: 'exited', code: 0 });
        assert.match(heard.output.get(present(heard.commands[1]).op) ?? '', /1h 23m 3645s/);
        assert.deepEqual(
          heard.edits.map(({ kind, path, ok }) => ({ kind, path, ok })),
          [{ kind: 'update', path: demoFixed, ok: true }],
        );
        assert.match(heard.edits[0]?.diff ?? '', /^\+ {4}rest -= count \* size;$/m);
        assert.match(heard.messages.at(-1) ?? '', /^The tests pass now\./);
        assert.equal(heard.deltas.join(''), heard.messages.join(''));
        assert.equal((await session.exec({ cmd: 'node --test' })).exitCode, 0);

        const history = heard.kept;
        const next = await takeTurn(runner, sandbox, server.url, { api, prompt: demoFollowUp, history });
        assert.equal(next.end.how, 'done');
        assert.deepEqual(
          next.heard.edits.map(({ kind, path, ok }) => ({ kind, path, ok })),
          [{ kind: 'create', path: demoAdded, ok: true }],
        );
        const asked = server.requests.at(-1)?.conversation;
        assert.equal(asked?.entries.filter(({ kind }) => kind === 'user').length, 2);
      } finally {
        await server.close();
      }
    });

    it('offers the tools that fit, and tells where it works', async () => {
      const server = await startModelServer(rounds({ text: 'Hello.' }));
      try {
        await takeTurn(runner, sandbox, server.url, { api, guidance: 'Use tabs.' });
        const { tools, instructions, hostedPatch } = present(server.requests[0]).conversation;
        const both = ['apply_patch', 'exec_command', 'write_stdin'];
        assert.deepEqual([...tools].sort(), api === 'responses' ? [...both, 'view_image'].sort() : both);
        assert.equal(hostedPatch, api === 'responses');
        assert.match(instructions, new RegExp(`project in ${sandbox.workspaceRoot}, inside a sandbox`));
        assert.match(instructions, /AGENTS\.md says:\n\nUse tabs\./);
        const body = JSON.stringify(server.requests[0]?.body);
        assert.equal(body.includes('context_management'), api === 'responses');
        assert.ok(!body.includes('verbosity'), 'no settings of one family of models');
        assert.ok(!body.includes('sk-test'), 'the key is in no body');
      } finally {
        await server.close();
      }
    });

    it('announces a command before it runs, and runs none that could not be announced', async () => {
      const server = await startModelServer(rounds({ calls: [shellCall('touch announced')] }, { text: 'Done.' }));
      try {
        const { heard } = await takeTurn(runner, sandbox, server.url, { api });
        assert.deepEqual(heard.log, ['intended touch announced', 'ended exited', 'message Done.']);
        assert.equal(await session.pathExists('announced'), true);
        await session.exec({ cmd: 'rm announced' });
      } finally {
        await server.close();
      }
    });

    it('stops the running command with the turn, and keeps a conversation that can go on', async () => {
      const server = await startModelServer(({ entries }) =>
        entries.some(({ kind }) => kind === 'result')
          ? { text: 'On we go.' }
          : { text: 'Working.', calls: [shellCall('echo first'), shellCall('echo asleep; exec sleep 63')] },
      );
      try {
        const abort = new AbortController();
        const heard = new Heard();
        heard.onOutput = (text) => {
          if (text.includes('asleep')) abort.abort();
        };
        const { end } = await takeTurn(runner, sandbox, server.url, { api, signal: abort.signal }, heard);
        assert.equal(end.how, 'stopped');
        const [echo, sleeper] = heard.commands;
        assert.deepEqual(heard.ends.get(present(echo).op), { kind: 'exited', code: 0 });
        assert.deepEqual(heard.ends.get(present(sleeper).op), { kind: 'stopped', by: 'abort', killed: 'tree' });
        const next = await takeTurn(runner, sandbox, server.url, { api, history: heard.kept, prompt: 'Go on.' });
        assert.equal(next.end.how, 'done');
        const results = present(server.requests.at(-1)).conversation.entries.filter(({ kind }) => kind === 'result');
        assert.equal(results.length, 2);
        assert.match(JSON.stringify(results[0]), /first/);
      } finally {
        await server.close();
      }
    });

    it('leaves a long command running in the background, where the next turn reaches it', async () => {
      const server = await startModelServer(({ round, entries }) => {
        if (round > 0) return { text: 'Fine.' };
        const text = JSON.stringify(entries);
        const id = /session ID (\d+)/.exec(text)?.[1];
        const sleeper = shellCall('echo asleep; exec sleep 64', { yield_time_ms: 30, tty: true });
        if (id === undefined) return { calls: [sleeper] };
        return {
          calls: [
            { name: 'write_stdin', arguments: { session_id: Number(id), chars: '\u0003', yield_time_ms: 60_000 } },
          ],
        };
      });
      try {
        const first = await takeTurn(runner, sandbox, server.url, { api });
        assert.equal(first.end.how, 'done');
        const { op } = present(first.heard.commands[0]);
        assert.deepEqual(first.heard.background, [op]);
        assert.equal(first.heard.ends.has(op), false);
        const asleep = () => Promise.resolve(first.heard.output.get(op)?.includes('asleep') === true || undefined);
        await eventually(asleep, 'the first word of the command');
        const second = await takeTurn(runner, sandbox, server.url, { api, history: first.heard.kept });
        assert.equal(second.end.how, 'done');
        assert.deepEqual(first.heard.ends.get(op), { kind: 'exited', code: 130 });
      } finally {
        await server.close();
      }
    });

    it('answers a call with broken arguments instead of stopping', async () => {
      const broken = { name: 'exec_command', arguments: '{"cmd": "echo' };
      const patch = { name: 'apply_patch', arguments: '{"type": "delete_file", "path"' };
      const server = await startModelServer(rounds({ calls: [broken] }, { calls: [patch] }, { text: 'I see.' }));
      try {
        const { end, heard } = await takeTurn(runner, sandbox, server.url, { api });
        assert.equal(end.how, 'done');
        assert.equal(heard.messages.at(-1), 'I see.');
        assert.equal(heard.commands.length, 0);
      } finally {
        await server.close();
      }
    });

    it('goes on after a tool that does not exist', async () => {
      const server = await startModelServer(
        rounds({ calls: [{ name: 'browse', arguments: {} }] }, { text: 'Well then.' }),
      );
      try {
        const { end } = await takeTurn(runner, sandbox, server.url, { api });
        assert.equal(end.how, 'done');
      } finally {
        await server.close();
      }
    });

    it('ends after the last step that it may take, with all that was done', async () => {
      const server = await startModelServer(() => ({ calls: [shellCall('echo again')] }));
      try {
        const { end, heard } = await takeTurn(runner, sandbox, server.url, { api, maxTurns: 2 });
        assert.equal(end.how === 'failed' && end.problem.id, 'max-turns');
        assert.equal(heard.commands.length, 2);
        assert.equal(JSON.stringify(heard.kept).match(/"function_call_result"/g)?.length, 2);
      } finally {
        await server.close();
      }
    });

    it('tells reasoning as it comes', async () => {
      const server = await startModelServer(rounds({ reasoning: 'Let me think.', text: 'Yes.' }));
      try {
        const { heard } = await takeTurn(runner, sandbox, server.url, { api });
        assert.equal(heard.reasoning.join(''), 'Let me think.');
      } finally {
        await server.close();
      }
    });
  });
}
