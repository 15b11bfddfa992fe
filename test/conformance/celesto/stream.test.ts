import assert from 'node:assert/strict';
import { defaultKnobs } from '../../support/celesto/knobs.ts';
import { describeUnderBothLimits } from './judged.ts';

interface Event {
  readonly type: string;
  readonly data?: string;
  readonly exit_code?: number;
  readonly command_id?: string;
  readonly timeout_seconds?: number;
}

describeUnderBothLimits('the double, judged by the stream of 0.1.2', 'stream', (judged) => {
  const stream = async (command: string, timeout = 30) =>
    (await judged().client.call('run_stream', { command, timeout })) as Event[];
  const text = (events: readonly Event[], type: string) =>
    events.flatMap((event) => (event.type === type ? [event.data] : [])).join('');
  const styled = (style: Partial<ReturnType<typeof defaultKnobs>['streamStyle']>) => {
    judged().double.knobs.streamStyle = { ...defaultKnobs().streamStyle, ...style };
  };

  it('creates with an idempotency key of its own', async () => {
    await judged().client.call('start');
    const [created] = judged().double.requests;
    assert.match(String(created?.headers['idempotency-key']), /^[0-9a-f]{32}$/);
  });

  it('reads started, both outputs and exit', async () => {
    const events = await stream('echo out; sleep 0.1; echo é✓ >&2; exit 7');
    assert.deepEqual([events[0]?.type, events.at(-1)?.type], ['started', 'exit']);
    assert.deepEqual([text(events, 'stdout'), text(events, 'stderr')], ['out\n', 'é✓\n']);
    assert.deepEqual([events[0]?.timeout_seconds, events.at(-1)?.exit_code], [30, 7]);
    assert.equal(events[0]?.command_id, events.at(-1)?.command_id);
  });

  it('reads megabytes whole, in events below its bound', async () => {
    const events = await stream("head -c 3000000 /dev/zero | tr '\\0' '\\377'; head -c 2000000 /dev/zero | tr '\\0' a");
    assert.equal(text(events, 'stdout').length, 5_000_000);
  });

  it('reads what proxies make of a stream', async () => {
    for (const style of [{ blankLines: false }, { crlf: true }, { comments: true }, { ascii: false }]) {
      styled(style);
      judged().double.knobs.pieceBytes = 1;
      const events = await stream('printf "é\\n✓"; exit 1');
      assert.deepEqual([text(events, 'stdout'), events.at(-1)?.exit_code], ['é\n✓', 1], JSON.stringify(style));
    }
    styled({});
    judged().double.knobs.pieceBytes = 0;
  });

  it('reports a stream without its exit, one without types, and a time-out', async () => {
    const { client, double } = judged();
    double.knobs.faults = [{ kind: 'no-exit', at: 1, match: '/exec/stream' }];
    assert.equal((await client.raised('run_stream', { command: 'true' })).type, 'CelestoError');
    double.knobs.faults = [];
    styled({ typed: false });
    assert.match((await client.raised('run_stream', { command: 'true' })).says, /invalid event/);
    styled({});
    assert.equal((await stream('sleep 20', 1)).at(-1)?.exit_code, 124);
  });

  it('is told where the service has no stream', async () => {
    const { client, double } = judged();
    double.knobs.stream = false;
    const raised = await client.raised('run_stream', { command: 'true' });
    double.knobs.stream = true;
    assert.equal(raised.type, 'VMNotFoundError');
  });

  it('runs buffered, stops, resumes and deletes to the end', async () => {
    const { client, double } = judged();
    const ran = (await client.call('run', { command: 'echo hi > kept; cat kept' })) as Record<string, unknown>;
    assert.deepEqual([ran['stdout'], ran['exit_code']], ['hi\n', 0]);
    await client.call('stop');
    assert.match(JSON.stringify(await client.raised('run_stream', { command: 'true' })), /409/);
    await client.call('resume');
    assert.equal(text(await stream('cat kept'), 'stdout'), 'hi\n');
    await client.call('delete');
    assert.deepEqual(double.computers(), []);
  });
});
