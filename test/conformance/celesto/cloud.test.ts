import assert from 'node:assert/strict';
import { eventually } from '../../support/vscode/eventually.ts';
import { describeUnderBothLimits, requestsOf } from './judged.ts';

type Fields = Record<string, unknown>;

interface Seen {
  readonly output: string;
  readonly code: number;
  readonly missing: readonly string[];
}

const read = 'GET /v1/computers/:id';

describeUnderBothLimits('the double, judged by the cloud client of 0.1.10', 'cloud', (judged) => {
  let id = '';
  const act = async (method: string, args: unknown[] = []) =>
    (await judged().client.call('do', { name: 'one', method, args })) as Fields;
  const raised = (method: string, args: unknown[] = []) => judged().client.raised('do', { name: 'one', method, args });
  const attached = async (terminal_id: string, steps: string[][]) =>
    (await judged().client.call('attached', { name: 'one', terminal_id, steps })) as Seen;

  it('creates on first use, with an idempotency key, and reads every field that it demands', async () => {
    const { client, double } = judged();
    assert.equal(await client.call('make', { name: 'one', options: { lifetime: 'persistent', vcpus: 2 } }), null);
    assert.deepEqual(await requestsOf(double, () => act('start')), ['POST /v1/computers']);
    const created = double.requests[0];
    assert.match(String(created?.headers['idempotency-key']), /^[0-9a-f]{32}$/);
    assert.equal(created?.headers['x-celesto-client'], 'sdk');
    assert.deepEqual(created.body, { vcpus: 2, image: 'ubuntu-desktop-24.04', external_volume_enabled: false });
    id = double.computers()[0]?.id ?? '';
  });

  it('waits for a computer that is made asynchronously', async () => {
    const { client, double } = judged();
    Object.assign(double.knobs, { asyncCreate: true, provisionMs: 300 });
    await client.call('make', { name: 'slow' });
    const sent = await requestsOf(double, () => client.call('do', { name: 'slow', method: 'start' }));
    assert.deepEqual(sent.slice(0, 2), ['POST /v1/computers', read]);
    Object.assign(double.knobs, { asyncCreate: false, provisionMs: 0 });
    await client.call('do', { name: 'slow', method: 'delete' });
    assert.deepEqual(
      double.computers().map((one) => one.id),
      [id],
    );
  });

  it('runs, also 10,000 characters, and replays events from one answer', async () => {
    const ran = await act('run', ['echo out; echo err >&2; exit 3']);
    assert.deepEqual([ran['stdout'], ran['stderr'], ran['exit_code']], ['out\n', 'err\n', 3]);
    const longest = `: ${'é'.repeat(9991)}; pwd`;
    assert.equal(longest.length, 9998);
    assert.equal((await act('run', [longest]))['stdout'], '/home/agent\n');
    const events = (await judged().client.call('do', {
      name: 'one',
      method: 'run_stream',
      args: ['echo x', 5],
    })) as Fields[];
    assert.deepEqual(
      events.map((event) => event['type']),
      ['started', 'stdout', 'exit'],
    );
    assert.equal(events[0]?.['command_id'], events[2]?.['command_id']);
    assert.equal(events[2]?.['timed_out'], false);
    const slow = (await judged().client.call('do', {
      name: 'one',
      method: 'run_stream',
      args: ['sleep 20', 1],
    })) as Fields[];
    assert.equal(slow.at(-1)?.['timed_out'], true);
  });

  it('publishes, lists and removes ports', async () => {
    const port = await act('publish_port', [8000]);
    assert.deepEqual([port['port'], port['status'], port['computer_id']], [8000, 'published', id]);
    assert.equal(((await act('published_ports')) as unknown as Fields[]).length, 1);
    assert.equal((await act('unpublish_port', [8000]))['status'], 'unpublished');
    assert.equal((await act('unpublish_port', [8000]))['port'], 8000);
    const reserved = await raised('publish_port', [9222]);
    assert.deepEqual([reserved.status_code, /choose another port/.test(reserved.says)], [400, true]);
    judged().double.knobs.lateUrls = true;
    assert.equal((await act('publish_port', [8001]))['url'], null);
    judged().double.knobs.lateUrls = false;
    assert.match(String(((await act('published_ports')) as unknown as Fields[])[0]?.['url']), /^http/);
    await act('unpublish_port', [8001]);
  });

  it('attaches a terminal: size, keys, detach, the same shell again, and its end', async () => {
    const { client, double } = judged();
    const { terminal_id: terminal } = (await client.call('terminal', { name: 'one' })) as { terminal_id: string };
    const first = await attached(terminal, [
      ['$ ', 'until [ "$(stty size)" = "30 100" ]; do sleep 0.1; done; KEPT=here; echo "si""zed"\r'],
      ['sized\r\n', '{"type":"resize"}\r'],
      ['not found', 'while sleep 0.2; do echo ti""ck; done &\r'],
      ['tick', '\u001d'],
    ]);
    assert.deepEqual([first.missing, first.code], [[], 0], first.output);
    assert.deepEqual(double.terminals(id), [terminal]);
    const again = await attached(terminal, [
      // What is typed before this client has its own terminal ready is lost: output tells that it has.
      ['tick', 'kill %1; echo "still $KEPT"\r'],
      ['still here', 'exit\r'],
    ]);
    assert.deepEqual([again.missing, again.code], [[], 0], again.output);
    await eventually(() => Promise.resolve(double.terminals(id).length === 0 || undefined), 'the end of the shell');
    const gone = await client.raised('terminal', { name: 'one', terminal_id: terminal });
    assert.equal(gone.type, 'VMNotFoundError');
  });

  it('is refused a display and a browser', async () => {
    for (const method of ['display', 'browser']) assert.equal((await raised(method)).status_code, 409);
  });

  it('knows every error by its code', async () => {
    const { client, double } = judged();
    const create = async () => {
      await client.call('make', { name: 'refused' });
      return client.raised('do', { name: 'refused', method: 'start' });
    };
    double.knobs.createRefusal = 'prepaid_credit_depleted';
    const credit = await create();
    assert.deepEqual([credit.status_code, credit.code, credit.side_effects], [402, 'prepaid_credit_depleted', 'none']);
    double.knobs.createRefusal = undefined;
    double.knobs.runningLimit = 1;
    const limit = await create();
    assert.deepEqual([limit.status_code, limit.code, limit.running_limit], [429, 'concurrency_limit_reached', 1]);
    double.knobs.runningLimit = 50;
    double.knobs.scopes = ['computers:read', 'computers:exec'];
    const scope = await raised('delete');
    assert.deepEqual(
      [scope.status_code, scope.code, scope.required_scope],
      [403, 'api_key_scope_required', 'computers:admin'],
    );
    double.knobs.scopes = ['computers:read', 'computers:exec', 'computers:admin'];
    assert.equal((await client.raised('get', { name: 'other', computer: 'cmp_nowhere' })).type, 'VMNotFoundError');
    assert.equal((await client.raised('with_key', { computer: id, other: 'wrong' })).status_code, 401);
    await client.call('make', { name: 'large', options: { vcpus: 99 } });
    const invalid = await client.raised('do', { name: 'large', method: 'start' });
    assert.deepEqual([invalid.status_code, invalid.recovery_action], [422, 'fix_and_retry']);
  });

  it('calls the outcome unknown where an answer is lost, cut or 500', async () => {
    const { double } = judged();
    for (const kind of ['drop-before', 'drop-after', 'truncate', '500', '500-after'] as const) {
      double.knobs.faults = [{ kind, at: 1, match: '/exec' }];
      const lost = await raised('run', [`echo ${kind} >> lost`]);
      assert.equal(lost.side_effects, 'unknown', `${kind}: ${lost.says}`);
    }
    double.knobs.faults = [];
    assert.equal((await act('run', ['cat lost']))['stdout'], 'drop-after\ntruncate\n500-after\n');
  });

  it('stops, resumes and deletes, polling each to its end', async () => {
    const { client, double } = judged();
    const stopped = await requestsOf(double, () => act('stop'));
    assert.deepEqual(stopped.slice(0, 2), ['POST /v1/computers/:id/stop', read]);
    const refused = await raised('run', ['true']);
    assert.equal(refused.status_code, 409);
    await act('resume');
    assert.equal((await act('run', ['cat lost | wc -l']))['stdout'], '3\n');
    double.knobs.showDeleted = true;
    await act('delete');
    double.knobs.showDeleted = false;
    assert.deepEqual(double.computers(), []);
    const used = (await client.call('ephemeral', { command: 'echo used' })) as { run: Fields };
    assert.equal(used.run['stdout'], 'used\n');
    assert.deepEqual(double.computers(), []);
  });
});
