import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Agent } from 'undici';
import { present } from '../../../support/present.ts';
import { type Call, CallFailed, callJson, pauseAsked } from '../../../../src/sandbox/celesto/api/http.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

describe('requests to the service', () => {
  const servers: Server[] = [];
  const dispatcher = new Agent();
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  after(() => dispatcher.destroy());

  /** A server that gives these answers, one after the other, the last one for good. */
  const serve = async (...answers: Answer[]) => {
    const seen: IncomingMessage[] = [];
    const server = createServer((request, response) => {
      const answer = present(answers[Math.min(seen.length, answers.length - 1)]);
      seen.push(request);
      answer(request, response);
    });
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    return { seen, origin: `http://127.0.0.1:${port}` };
  };
  const lines: string[] = [];
  const call = (origin: string, more: Partial<Call> = {}, key: string | undefined = 'secret-key') =>
    callJson(
      { origin, dispatcher, key: () => Promise.resolve(key), log: (line) => lines.push(line) },
      { method: 'GET', path: '/computers', timeoutMs: 60_000, repeatable: true, ...more },
    );
  const status =
    (code: number, body = '{}', headers: Record<string, string> = {}): Answer =>
    (_, response) => {
      response.writeHead(code, headers).end(body);
    };
  const drop: Answer = (request) => request.socket.destroy();
  const truncate: Answer = (_, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('{"half":');
    setImmediate(() => response.destroy());
  };
  const good = status(200, '{"good":true}');
  const failsWith = (id: string) => (error: unknown) => error instanceof CallFailed && error.problem.id === id;
  const write = { method: 'POST', repeatable: false } as const;

  it('carry the key as bearer', async () => {
    const { seen, origin } = await serve(good);
    assert.deepEqual(await call(origin), { good: true });
    assert.equal(seen[0]?.headers.authorization, 'Bearer secret-key');
    assert.equal(seen[0].url, '/v1/computers');
  });

  it('are not sent without a key', async () => {
    const { seen, origin } = await serve(good);
    for (const key of [' ', '']) await assert.rejects(call(origin, {}, key), failsWith('sign-in-needed'));
    assert.equal(seen.length, 0);
  });

  it('follow no redirect: the key goes to no other place', async () => {
    const other = await serve(good);
    const { origin } = await serve(status(307, '', { location: `${other.origin}/v1/computers` }));
    await assert.rejects(call(origin, write), failsWith('protocol'));
    assert.equal(other.seen.length, 0);
  });

  it('are repeated where that is safe, and nowhere else', async () => {
    for (const bad of [status(500), status(503, 'busy'), drop, truncate]) {
      const read = await serve(bad, good);
      assert.deepEqual(await call(read.origin), { good: true });
      const written = await serve(bad, good);
      await assert.rejects(call(written.origin, write), CallFailed);
      assert.equal(written.seen.length, 1);
    }
    for (const code of [400, 401, 403, 404, 409, 422, 501]) {
      const { seen, origin } = await serve(status(code), good);
      await assert.rejects(call(origin), (error: unknown) => error instanceof CallFailed && error.status === code);
      assert.equal(seen.length, 1);
    }
  });

  it('wait as long as a rate limit says, writes too, and not at all for a limit of the plan', async () => {
    const { seen, origin } = await serve(status(429, '{}', { 'retry-after': '1' }), good);
    assert.deepEqual(await call(origin, write), { good: true });
    assert.ok(lines.some((line) => line.endsWith('again in 1000 ms')));
    assert.equal(seen.length, 2);
    const body = JSON.stringify({ detail: { error_code: 'concurrency_limit_reached', running_limit: 2 } });
    const limited = await serve(status(429, body), good);
    await assert.rejects(call(limited.origin), failsWith('too-many-running'));
    assert.equal(limited.seen.length, 1);
  });

  it('know when nothing can have arrived', async () => {
    const { origin } = await serve(good);
    const server = servers.pop();
    server?.close();
    await once(server ?? createServer(), 'close');
    await assert.rejects(
      call(origin, write),
      (error: unknown) => error instanceof CallFailed && error.problem.delivery === 'never-sent',
    );
    const dropped = await serve(drop);
    await assert.rejects(
      call(dropped.origin, write),
      (error: unknown) => error instanceof CallFailed && error.problem.delivery === 'maybe-sent',
    );
  });

  it('end when they are cancelled', async () => {
    const { origin } = await serve(() => undefined);
    const controller = new AbortController();
    const asked = call(origin, { signal: controller.signal });
    controller.abort();
    await assert.rejects(asked, failsWith('aborted'));
  });

  it('never tell the key or a body in the log', async () => {
    const { origin } = await serve(
      status(500, 'BODY secret-key'),
      status(404, 'BODY', { 'x-request-id': 'not an id BODY' }),
    );
    await assert.rejects(call(origin));
    assert.ok(lines.some((line) => line.includes('answered 500')));
    assert.doesNotMatch(lines.join('\n'), /secret-key|BODY/);
  });

  it('reads pauses in seconds and as dates', () => {
    assert.equal(pauseAsked('12'), 12_000);
    const now = Date.parse('2026-10-01T09:00:00Z');
    assert.equal(pauseAsked('Thu, 01 Oct 2026 09:00:30 GMT', now), 30_000);
    assert.equal(pauseAsked('Thu, 01 Oct 2026 08:00:00 GMT', now), 0);
    for (const odd of [undefined, 'soon', ['1', '2']]) assert.equal(pauseAsked(odd), undefined);
  });
});
