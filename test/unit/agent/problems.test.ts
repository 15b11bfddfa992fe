import assert from 'node:assert/strict';
import { deleteSandbox, realSandbox } from '../../support/realSandbox.ts';
import type { Sandbox } from '../../../src/core/sandbox.ts';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAgentRunner } from '../../../src/agent/runner.ts';
import type { Problem } from '../../../src/core/problem.ts';
import { Heard, takeTurn, type TurnOptions } from '../../support/agentTurn.ts';
import { type ModelScript, rounds, shellCall } from '../../support/model/script.ts';
import { type ModelServer, startModelServer } from '../../support/model/server.ts';
import { eventually } from '../../support/vscode/eventually.ts';

describe('a turn whose model fails', () => {
  let sandbox: Sandbox;
  const runner = createAgentRunner();
  const servers: ModelServer[] = [];
  before(async function () {
    sandbox = await realSandbox(this);
  });
  after(() => deleteSandbox(sandbox));
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

  const key = 'sk-secret-0123456789abcdef';

  async function serve(script: ModelScript, apiKey?: string): Promise<ModelServer> {
    const server = await startModelServer(script, apiKey === undefined ? {} : { apiKey });
    servers.push(server);
    return server;
  }

  async function problemWith(url: string, options: TurnOptions = {}, heard = new Heard()): Promise<Problem> {
    const { end } = await takeTurn(runner, sandbox, url, { apiKey: key, ...options }, heard);
    assert.equal(end.how, 'failed');
    assert.ok(!JSON.stringify(end).includes(key), 'the key is in no message');
    assert.ok(!JSON.stringify(heard.kept).includes(key), 'the key is in no kept item');
    return end.problem;
  }

  it('a wrong key: set another', async () => {
    const server = await serve(rounds({ text: 'never' }), 'sk-other');
    const { id, fix, detail } = await problemWith(server.url);
    assert.deepEqual([id, fix], ['model-unauthorised', 'set-key']);
    assert.match(detail, /^127\.0\.0\.1:\d+ does not accept the key\.$/);
  });

  it('an unknown model: choose another', async () => {
    const server = await serve(rounds({ text: 'never' }));
    const { id, fix, detail } = await problemWith(server.url, { model: 'gpt-none' });
    assert.deepEqual([id, fix], ['model-failed', 'choose-model']);
    assert.match(detail, /knows no model gpt-none/);
  });

  it('a limit with a long wait: told at once, with the wait', async () => {
    const fault = { status: 429, headers: { 'retry-after': '120' }, code: 'rate_limit_exceeded' };
    const server = await serve(rounds({ fault }));
    const { id, retryAfterMs, fix } = await problemWith(server.url);
    assert.deepEqual([id, retryAfterMs, fix], ['model-rate-limited', 120_000, 'retry']);
    assert.equal(server.requests.length, 1);
  });

  it('a limit with a short wait: waited for', async () => {
    const fault = { status: 429, headers: { 'retry-after-ms': '20' } };
    const server = await serve((_, attempt) => (attempt === 0 ? { fault } : { text: 'Here.' }));
    const { end } = await takeTurn(runner, sandbox, server.url);
    assert.equal(end.how, 'done');
    assert.equal(server.requests.length, 2);
  });

  it('no credit left: said', async () => {
    const fault = { status: 429, headers: { 'x-should-retry': 'false' }, code: 'insufficient_quota' };
    const server = await serve(rounds({ fault }));
    assert.match((await problemWith(server.url)).detail, /no credit left/);
  });

  it('a server error: its number, and nothing that it wrote', async () => {
    const fault = { status: 500, headers: { 'x-should-retry': 'false' }, message: `secret words and ${key}` };
    const server = await serve(rounds({ fault }));
    const { id, detail } = await problemWith(server.url);
    assert.equal(id, 'model-failed');
    assert.match(detail, /failed \(HTTP 500, scripted_failure\)\.$/);
  });

  it('nobody there: check the address', async () => {
    const server = await startModelServer(rounds({ text: 'never' }));
    await server.close();
    const { id, fix } = await problemWith(server.url);
    assert.deepEqual([id, fix], ['model-unreachable', 'retry']);
  });

  it('a redirect is not followed, and the key goes nowhere', async () => {
    const seen: unknown[] = [];
    const other = createServer((request, response) => {
      seen.push(request.headers);
      response.end('{}');
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const fault = { status: 307, headers: { location: `http://127.0.0.1:${port}/v1/responses` } };
    const server = await serve(rounds({ fault }));
    const { id, detail } = await problemWith(server.url);
    await new Promise((resolve) => other.close(resolve));
    assert.equal(id, 'model-unreachable');
    assert.match(detail, /another place/);
    assert.deepEqual(seen, []);
    assert.equal(server.requests.length, 1);
  });

  for (const api of ['responses', 'chat-completions'] as const) {
    it(`an answer that breaks off over ${api}: what was done before is kept`, async () => {
      const server = await serve(({ round }) =>
        round === 0 ? { calls: [shellCall('echo kept')] } : { text: 'a b c d', fault: { dropAfter: 3 } },
      );
      const heard = new Heard();
      const { id, fix } = await problemWith(server.url, { api }, heard);
      assert.deepEqual([id, fix], ['model-unreachable', 'retry']);
      assert.match(JSON.stringify(heard.kept.at(-1)), /function_call_result.*kept/);
    });
  }

  it('a turn that was stopped before it began asks nobody', async () => {
    const server = await serve(rounds({ text: 'never' }));
    const { end } = await takeTurn(runner, sandbox, server.url, { signal: AbortSignal.abort() });
    assert.deepEqual(end, { how: 'stopped' });
    assert.equal(server.requests.length, 0);
  });

  it('a turn that is stopped while the model writes lets go of the answer', async () => {
    const server = await serve(rounds({ text: 'word '.repeat(500), pieceDelayMs: 20 }));
    const abort = new AbortController();
    const heard = new Heard();
    heard.textDelta = () => abort.abort();
    const { end } = await takeTurn(runner, sandbox, server.url, { signal: abort.signal }, heard);
    assert.deepEqual(end, { how: 'stopped' });
    const ended = await eventually(() => Promise.resolve(server.ends[0]), 'the end of the answer');
    assert.equal(ended, 'cut-off');
  });

  it('reads no key, organisation or address from the environment', async () => {
    const names = ['OPENAI_API_KEY', 'OPENAI_ORG_ID', 'OPENAI_PROJECT_ID', 'OPENAI_BASE_URL'];
    const before = names.map((name) => process.env[name]);
    for (const name of names) process.env[name] = name === 'OPENAI_BASE_URL' ? 'http://127.0.0.1:1/v1' : 'from-outside';
    try {
      const server = await serve(rounds({ text: 'Here.' }), key);
      const { end } = await takeTurn(runner, sandbox, server.url, { apiKey: key });
      assert.equal(end.how, 'done');
      assert.ok(!JSON.stringify(server.requests[0]?.headers).includes('from-outside'));
    } finally {
      names.forEach((name, index) => {
        const value = before[index];
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
      });
    }
  });
});
