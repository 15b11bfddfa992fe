import assert from 'node:assert/strict';
import type { CelestoDouble } from '../../support/celesto/double.ts';
import { defaultKnobs } from '../../support/celesto/knobs.ts';
import { eventually } from '../../support/vscode/eventually.ts';
import { ask, made, reached, run, type Fields } from './asking.ts';
import { doubleFor, endDouble } from './judged.ts';

describe('the double, where its reference says what the service does', function () {
  this.timeout(240_000);
  let started: CelestoDouble | undefined;
  before(async function () {
    started = await doubleFor(this, { otherKeys: { 'other-key': 'org_other' } });
  });
  after(() => endDouble(started));
  const double = () => started ?? assert.fail('There is no double.');
  afterEach(async () => {
    if (started === undefined) return;
    Object.assign(started.knobs, defaultKnobs());
    for (const { id } of double().computers()) await call('DELETE', `/v1/computers/${id}`);
    await eventually(() => Promise.resolve(double().computers().length === 0 || undefined), 'the end of all computers');
  });
  const call = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
    ask(double(), method, path, body, headers);
  const complaints = (body: Fields) =>
    (body['errors'] as { loc: unknown[]; type: string }[]).map(({ loc, type }) => `${loc.join('.')} ${type}`);

  it('refuses what the specification refuses, in its envelope', async () => {
    const wrong: [string, string, unknown, string[]][] = [
      ['POST', '/v1/computers', undefined, ['body missing']],
      ['POST', '/v1/computers', '{', ['body.0 json_invalid']],
      ['POST', '/v1/computers', { vcpus: 0 }, ['body.vcpus greater_than_equal']],
      ['POST', '/v1/computers', { vcpus: 17 }, ['body.vcpus less_than_equal']],
      ['POST', '/v1/computers', { ram_mb: 511 }, ['body.ram_mb greater_than_equal']],
      ['POST', '/v1/computers', { ram_mb: 32_769 }, ['body.ram_mb less_than_equal']],
      ['POST', '/v1/computers', { disk_size_mb: 20_481 }, ['body.disk_size_mb less_than_equal']],
      ['POST', '/v1/computers', { image: 'i'.repeat(256) }, ['body.image string_too_long']],
      ['POST', '/v1/computers', { template_id: 't'.repeat(65) }, ['body.template_id string_too_long']],
      ['POST', '/v1/computers', { network_policy: { mode: 'half' } }, ['body.network_policy.mode literal_error']],
      ['POST', '/v1/computers', { external_volume_enabled: 'yes' }, ['body.external_volume_enabled bool_type']],
      ['GET', '/v1/computers?limit=0', undefined, ['query.limit greater_than_equal']],
      ['GET', '/v1/computers?limit=201', undefined, ['query.limit less_than_equal']],
      ['GET', '/v1/computers?limit=x', undefined, ['query.limit int_parsing']],
      ['GET', '/v1/computers?status=odd', undefined, ['query.status literal_error']],
      ['POST', '/v1/computers/bulk-delete', { computer_ids: [] }, ['body.computer_ids too_short']],
      ['POST', '/v1/computers/x/exec', {}, ['body.command missing']],
      ['POST', '/v1/computers/x/exec', { command: '' }, ['body.command string_too_short']],
      ['POST', '/v1/computers/x/exec', { command: 'a', timeout: 0 }, ['body.timeout greater_than_equal']],
      ['POST', '/v1/computers/x/exec', { command: 'a', timeout: 301 }, ['body.timeout less_than_equal']],
      ['POST', '/v1/computers/x/exec', { command: 'a', timeout: 1.5 }, ['body.timeout int_type']],
      ['POST', '/v1/computers/x/exec/stream', { command: 5 }, ['body.command string_type']],
      ['POST', '/v1/computers/x/published-ports', { port: 1023 }, ['body.port greater_than_equal']],
      ['DELETE', '/v1/computers/x/published-ports/65536', undefined, ['path.port less_than_equal']],
      ['POST', '/v1/computers/x/terminals', { terminal_id: 'odd id' }, ['body.terminal_id string_pattern_mismatch']],
      ['GET', '/v1/computers/x/commands?limit=500', undefined, ['query.limit less_than_equal']],
      ['GET', '/v1/computers/x/observability?window=2h', undefined, ['query.window literal_error']],
    ];
    for (const [method, path, sent, expected] of wrong) {
      const { status, body } = await call(method, path, sent);
      assert.deepEqual([status, body['detail'], body['status_code']], [422, 'Validation error', 422], path);
      assert.deepEqual(complaints(body), expected);
    }
    assert.deepEqual(double().computers(), []);
  });

  it('counts the characters of a command, not its bytes or halves', async () => {
    const computer = await made(double());
    const exec = (command: string) => call('POST', `${computer}/exec`, { command });
    assert.equal((await exec(`: ${'😀'.repeat(9998)}`)).status, 200);
    const { body } = await exec(`: ${'a'.repeat(9999)}`);
    assert.deepEqual(complaints(body), ['body.command string_too_long']);
    double().knobs.execLimit = 'off';
    assert.equal((await exec(`: ${'a'.repeat(9999)}`)).status, 200);
    const tooLong = await exec(`: ${'a'.repeat(200_000)}`);
    assert.deepEqual([tooLong.status, tooLong.body['exit_code']], [200, 126]);
    await call('DELETE', computer);
  });

  it('lets nobody in without a key, and shows nobody what is of another organization', async () => {
    const computer = await made(double());
    assert.equal((await call('GET', computer, undefined, { authorization: '' })).status, 401);
    assert.equal((await call('GET', computer, undefined, { authorization: 'Bearer wrong' })).status, 401);
    const other = { authorization: 'Bearer other-key' };
    assert.deepEqual((await call('GET', computer, undefined, other)).body, { detail: 'Computer not found' });
    assert.equal((await call('GET', '/v1/computers', undefined, other)).body['count'], 0);
    const foreign = await call('GET', computer, undefined, { 'x-current-organization': 'org_other' });
    assert.deepEqual(foreign.body, { detail: { error_code: 'organization_access_denied' } });
    assert.match((await call('GET', computer)).headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/);
    assert.equal((await call('GET', '/v1/nowhere')).status, 404);
    assert.equal((await call('PUT', computer)).status, 405);
    await call('DELETE', computer);
  });

  it('makes one computer for one idempotency key', async () => {
    const key = { 'idempotency-key': 'a'.repeat(32) };
    const answers = await Promise.all([1, 2].map(() => call('POST', '/v1/computers', { vcpus: 2 }, key)));
    assert.deepEqual(new Set(answers.map(({ body }) => body['id'])).size, 1);
    assert.equal(double().computers().length, 1);
    assert.equal((await call('POST', '/v1/computers', { vcpus: 3 }, key)).status, 409);
    double().knobs.faults = [{ kind: 'drop-after', at: 1, match: 'POST /v1/computers' }];
    const lost = { 'idempotency-key': 'b'.repeat(32) };
    await assert.rejects(call('POST', '/v1/computers', {}, lost));
    await eventually(
      () => Promise.resolve(double().computers().length === 2 || undefined),
      'what the lost answer told',
    );
    const repeated = await call('POST', '/v1/computers', {}, lost);
    const ids = double()
      .computers()
      .map(({ id }) => id);
    assert.equal(repeated.status, 201);
    assert.ok(ids.length === 2 && ids.includes(String(repeated.body['id'])), 'no third one');
    const bulk = await call('POST', '/v1/computers/bulk-delete', { computer_ids: [...ids, 'cmp_unknown'] });
    assert.deepEqual([bulk.body['deleted'], bulk.body['failed_ids']], [2, ['cmp_unknown']]);
    await eventually(() => Promise.resolve(double().computers().length === 0 || undefined), 'their end');
  });

  it('limits how many run, and frees a place at a stop', async () => {
    double().knobs.runningLimit = 1;
    const first = await made(double());
    const refused = await call('POST', '/v1/computers', {});
    assert.equal(refused.status, 429);
    assert.deepEqual(refused.body, { detail: { error_code: 'concurrency_limit_reached', running_limit: 1 } });
    await call('POST', `${first}/stop`);
    await reached(double(), first, 'stopped');
    const second = await made(double());
    assert.equal((await call('POST', `${first}/start`)).status, 429);
    const listed = await call('GET', '/v1/computers?status=stopped');
    assert.equal(listed.body['count'], 1);
    await call('DELETE', first);
    await call('DELETE', second);
  });

  it('keeps files over a stop and a start, and refuses what needs a running computer', async () => {
    const computer = await made(double());
    await run(double(), computer, 'echo kept > ~/kept; echo work > /workspace/work');
    double().knobs.syncTransitions = true;
    assert.equal((await call('POST', `${computer}/stop`)).body['status'], 'stopped');
    for (const [path, body] of [
      ['exec', { command: 'true' }],
      ['terminals', {}],
      ['published-ports', { port: 8000 }],
      ['stop', undefined],
    ] as const) {
      assert.equal((await call('POST', `${computer}/${path}`, body)).status, 409, path);
    }
    assert.equal((await call('POST', `${computer}/start`)).body['status'], 'running');
    assert.equal((await call('POST', `${computer}/start`)).status, 409);
    assert.equal(await run(double(), computer, 'cat ~/kept /workspace/work'), 'kept\nwork\n');
    double().knobs.showDeleted = true;
    assert.equal((await call('DELETE', computer)).body['status'], 'deleted');
    assert.equal((await call('GET', computer)).body['status'], 'deleted');
    assert.equal((await call('DELETE', computer)).status, 409);
    double().knobs.showDeleted = false;
    assert.equal((await call('GET', computer)).status, 404);
  });

  it('loses its host as hosts are lost: restorable, restoring, running, with its files', async () => {
    const computer = await made(double());
    await run(double(), computer, 'echo kept > ~/kept');
    double().knobs.faults = [{ kind: 'interrupt', at: 1, match: '/exec' }];
    const interrupted = await call('POST', `${computer}/exec`, { command: 'true' });
    assert.equal(interrupted.status, 409);
    await reached(double(), computer, 'running');
    assert.equal(await run(double(), computer, 'cat ~/kept'), 'kept\n');
    double().knobs.restoreMs = undefined;
    assert.equal((await call('POST', `${computer}/retry-restore`)).status, 409);
    await double().interrupt(computer.split('/').at(-1) ?? '');
    assert.equal((await call('GET', computer)).body['status'], 'restorable');
    assert.equal((await call('POST', `${computer}/retry-restore`)).body['status'], 'restorable');
    await reached(double(), computer, 'running');
    await call('DELETE', computer);
  });

  it('is stopped by what ends it from inside', async () => {
    const computer = await made(double());
    await call('POST', `${computer}/exec`, { command: 'kill -KILL -1' }).catch(() => undefined);
    await reached(double(), computer, 'stopped');
    await call('POST', `${computer}/start`);
    await reached(double(), computer, 'running');
    await call('DELETE', computer);
  });

  it('kills a command at its time-out, follows one whose caller has gone, and lets what it left behind run on', async () => {
    const computer = await made(double());
    const exec = (command: string, timeout: number) => call('POST', `${computer}/exec`, { command, timeout });
    const slow = await exec('echo $$ > pid; sleep 300', 1);
    assert.deepEqual([slow.body['timed_out'], slow.body['exit_code']], [true, 124]);
    assert.equal(await run(double(), computer, 'kill -0 $(cat pid) || echo dead'), 'dead\n');
    await exec('setsid sh -c "sleep 0.3; echo later > later" >/dev/null 2>&1 &', 5);
    await eventually(async () => (await run(double(), computer, 'cat later || true')) === 'later\n' || undefined, 'it');
    double().knobs.idleCutMs = 1000;
    await assert.rejects(exec('sleep 3; echo done > done', 60));
    double().knobs.idleCutMs = 0;
    await eventually(async () => (await run(double(), computer, 'cat done || true')) === 'done\n' || undefined, 'it');
    await call('DELETE', computer);
  });

  it('meets the faults that it is told, at the request that it is told', async () => {
    const computer = await made(double());
    const exec = () => call('POST', `${computer}/exec`, { command: 'echo x >> count; wc -l < count' });
    double().knobs.faults = [
      { kind: 'drop-before', at: 1, match: '/exec' },
      { kind: 'truncate', at: 2, match: '/exec' },
      { kind: '503', at: 3, match: '/exec' },
      { kind: '429', at: 4, match: '/exec' },
      { kind: '500-after', at: 5, match: '/exec' },
    ];
    await assert.rejects(exec());
    await assert.rejects(exec());
    assert.deepEqual((await exec()).body, { detail: 'Fault 503' });
    double().knobs.faultBody = 'html';
    double().knobs.retryAfter = 'date';
    const asked = Date.now();
    const limited = await exec();
    assert.deepEqual([limited.status, limited.body], [429, { detail: 'Too many requests' }]);
    assert.ok(Date.parse(limited.headers.get('retry-after') ?? '') > asked - 1000);
    const after = await exec();
    assert.deepEqual([after.status, after.text.startsWith('<html>')], [500, true]);
    assert.equal((await exec()).body['stdout'], '3\n');
    double().knobs.rateLimit = { requests: 1, perMs: 60_000 };
    assert.equal((await call('GET', computer)).status, 200);
    assert.equal((await call('GET', computer)).status, 429);
    double().knobs.rateLimit = undefined;
    await call('DELETE', computer);
  });
});
