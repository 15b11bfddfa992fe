import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { OpenAIProvider } from '@openai/agents-openai';
import { Runner, RunState } from '@openai/agents-core';
import { filesystem, Manifest, SandboxAgent, shell } from '@openai/agents-core/sandbox';
import { z } from 'zod';
import type { AirlockSandboxClient, AirlockSandboxSession } from '../../../src/sdk.ts';
import { modelName } from '../../support/model/answer.ts';
import { rounds, shellCall } from '../../support/model/script.ts';
import { type ModelServer, startModelServer } from '../../support/model/server.ts';
import { skipBecause } from '../../support/commands/results.ts';
import { present } from '../../support/present.ts';
import { eventually } from '../running.ts';
import type { SdkProvider } from './providers.ts';

const elsewhere = fileURLToPath(new URL('elsewhere.ts', import.meta.url));
const answerShape = z.object({ stdout: z.string(), stored: z.record(z.string(), z.unknown()) });

/**
 * A program that uses the agents SDK with one of our clients.
 *
 * @param part `first` is its first step alone, for a kind of sandbox that takes long to make
 */
export function describeExample(provider: SdkProvider, part: 'whole' | 'first' = 'whole'): void {
  const only = part === 'first' ? ', its first step' : '';
  describe(`a program of the agents SDK with ${provider.name}${only}`, function () {
    this.timeout(provider.timeoutMs);
    let folder: string;
    let client: AirlockSandboxClient;
    let server: ModelServer;

    before(async function () {
      const reason = await provider.unavailable();
      if (reason !== undefined) {
        skipBecause(this, reason);
      }
      folder = await provider.prepare();
      client = provider.client(folder);
      server = await startModelServer(({ entries, round }) => {
        const said = entries.findLast(({ kind }) => kind === 'result');
        if (round > 0 && said?.kind === 'result') return { text: `It says: ${said.text.split('Output:\n')[1] ?? ''}` };
        return { calls: [shellCall('uname -a')] };
      });
    });

    after(async () => {
      // Not there where the suite is skipped.
      await (server as ModelServer | undefined)?.close();
      if ((folder as string | undefined) !== undefined) await provider.cleanUp(folder);
    });

    const manifest = () =>
      new Manifest({
        entries: { 'notes.txt': { type: 'file', content: 'first\n' }, deep: { type: 'dir', children: {} } },
        environment: { GREETING: 'hello' },
      });

    function runnerFor(useResponses: boolean, url = server.url): Runner {
      const modelProvider = new OpenAIProvider({ baseURL: url, apiKey: 'sk-none', useResponses });
      return new Runner({ modelProvider, tracingDisabled: true });
    }

    const agent = () =>
      new SandboxAgent({
        name: 'Example',
        instructions: 'Say on what you run.',
        model: modelName,
        modelSettings: {},
        capabilities: [shell(), filesystem()],
      });

    for (const useResponses of part === 'first' ? [true] : [true, false]) {
      const api = useResponses ? 'Responses' : 'Chat Completions';

      it(`runs an agent in a session of its own over ${api}`, async () => {
        const session = await client.create({ manifest: manifest() });
        try {
          const run = await runnerFor(useResponses).run(agent(), 'What is this?', { sandbox: { session } });
          assert.match(run.finalOutput ?? '', /^It says: Linux /);
          assert.equal(await session.running(), true);
          assert.equal(Buffer.from(await session.readFile({ path: 'notes.txt' })).toString(), 'first\n');
        } finally {
          await session.delete();
        }
      });

      if (part === 'first') return;

      it(`runs an agent in a session that the SDK owns over ${api}, and nothing is left of it`, async () => {
        const made: AirlockSandboxSession[] = [];
        const own = provider.client(folder);
        const create = own.create.bind(own);
        own.create = async (...args) => {
          const session = await create(...args);
          made.push(session);
          return session;
        };
        const sandbox = {
          client: own,
          options: { [provider.option.name]: provider.option.right },
          manifest: manifest(),
        };
        const run = await runnerFor(useResponses).run(agent(), 'What is this?', { sandbox });
        assert.match(run.finalOutput ?? '', /^It says: Linux /);
        assert.equal(made.length, 1);
        assert.equal(await present(made[0]).running(), false);
        await assert.rejects(client.resume(present(made[0]).state), /gone/);
      });
    }

    it('writes, saves its state, goes on in another process, and deletes', async () => {
      const session = await client.create(manifest());
      await session.materializeEntry({ path: 'more/own.txt', entry: { type: 'file', content: 'own' } });
      const saved = JSON.stringify(await client.serializeSessionState(session.state));
      await session.sandbox.detach();
      const { stdout } = await promisify(execFile)(process.execPath, [elsewhere, provider.name, folder, saved]);
      const answer = answerShape.parse(JSON.parse(stdout));
      assert.equal(answer.stdout, 'first\nhello\n');
      const back = await client.resume(await client.deserializeSessionState(answer.stored));
      assert.equal(Buffer.from(await back.readFile({ path: 'notes.txt' })).toString(), 'first\nelsewhere\n');
      assert.equal(await back.pathExists('more/own.txt'), true);
      assert.deepEqual(Object.keys(back.state.manifest.entries).sort(), ['deep', 'more/own.txt', 'notes.txt']);
      await back.delete();
      await back.delete();
      await back.stop();
      await client.delete(back.state);
      await assert.rejects(client.resume(back.state), /gone/);
    });

    it('persists its workspace and hydrates it into a new session', async () => {
      const first = await client.create(manifest());
      const second = await client.create();
      try {
        const make = `mkdir -p bin 'sp ace' && printf '\\000\\377' > 'sp ace/ü.bin' && printf '#!/bin/sh\\necho ran' > bin/run
          chmod 750 bin/run && ln -s ../notes.txt bin/link && ln notes.txt hard.txt`;
        assert.equal((await first.exec({ cmd: make })).exitCode, 0);
        await second.exec({ cmd: 'mkdir old && echo stale > old/file && echo stale > .hidden' });
        await second.hydrateWorkspace(await first.persistWorkspace());
        const list = 'find . | sort; bin/run; cat bin/link hard.txt; od -An -tx1 sp*/*';
        const [here, there] = await Promise.all([first.exec({ cmd: list }), second.exec({ cmd: list })]);
        assert.equal(there.stdout, here.stdout);
        assert.match(there.stdout, /ran\s*first\nfirst\n 00 ff\n$/);
      } finally {
        await Promise.all([first.delete(), second.delete()]);
      }
    });

    it('reaches a port inside', async () => {
      const session = await client.create();
      try {
        const serve = `require('http').createServer((_, answer) => answer.end('from inside')).listen(8123, '127.0.0.1')`;
        const text = await session.execCommand({ cmd: `exec node -e "${serve}"`, yieldTimeMs: 1500 });
        assert.match(text, /Process running with session ID/);
        const { host, port } = await session.resolveExposedPort(8123);
        // The server may not listen yet.
        let said = '';
        await eventually(async () => {
          said = await fetch(`http://${host}:${port}/`).then(
            (answer) => answer.text(),
            () => '',
          );
          return said !== '';
        });
        assert.equal(said, 'from inside');
        assert.equal((await session.resolveExposedPort(8123)).port, port);
      } finally {
        await session.delete();
      }
    });

    it('keeps its sandbox over an approval, and the approved command runs in it', async () => {
      const script = rounds({ calls: [shellCall('cat notes.txt')] }, { text: 'Done.' });
      const asking = await startModelServer(script);
      try {
        const careful = new SandboxAgent({
          name: 'Careful',
          model: modelName,
          modelSettings: {},
          capabilities: [shell({ configureTools: (tools) => tools.map((tool) => ({ ...tool, needsApproval: yes })) })],
        });
        const runner = runnerFor(true, asking.url);
        const sandbox = { client, manifest: manifest() };
        const paused = await runner.run(careful, 'Go.', { sandbox });
        assert.equal(paused.interruptions.length, 1);
        const state = await RunState.fromString(careful, paused.state.toString());
        state.approve(present(state.getInterruptions()[0]));
        const run = await runner.run(careful, state, { sandbox });
        assert.equal(run.finalOutput, 'Done.');
        assert.match(JSON.stringify(run.history), /first/);
      } finally {
        await asking.close();
      }
    });

    it('refuses what it cannot do, by name', async () => {
      await assert.rejects(
        client.create({ options: { [provider.option.name]: provider.option.wrong } }),
        new RegExp(provider.option.name),
      );
      await assert.rejects(client.create({ manifest: { users: [{ name: 'bob' }] } }), { code: 'unsupported_feature' });
      await assert.rejects(client.create({ manifest: { root: '/elsewhere' } }), /must be \/workspace or lie below/);
      await assert.rejects(client.create({ snapshot: { type: 'local' } }), { code: 'unsupported_feature' });
    });
  });
}

function yes(): Promise<boolean> {
  return Promise.resolve(true);
}
