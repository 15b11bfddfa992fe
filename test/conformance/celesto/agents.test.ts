import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startModelServer } from '../../support/model/server.ts';
import { modelName } from '../../support/model/answer.ts';
import { rounds, shellCall } from '../../support/model/script.ts';
import { eventually } from '../../support/vscode/eventually.ts';
import { describeClient, requestsOf, type Judged } from './judged.ts';

const exec = 'POST /v1/computers/:id/exec';
const stream = 'POST /v1/computers/:id/exec/stream';
const read = 'GET /v1/computers/:id';

async function statusReached({ double }: Judged, status: string): Promise<void> {
  await eventually(
    () => Promise.resolve(double.computers().every((one) => one.status === status) || undefined),
    `computers that are ${status}`,
  );
}

describeClient('the double, judged by the agents extra of 0.0.14', 'agents', { execLimit: 'off' }, (judged) => {
  const call = (operation: string, more: Record<string, unknown> = {}) =>
    judged().client.call(operation, { name: 'one', ...more });
  const requests = (work: () => Promise<unknown>) => requestsOf(judged().double, work);
  const text = (value: string) => Buffer.from(value).toString('base64');

  it('creates without a request, and starts with a computer and its root folder', async () => {
    assert.deepEqual(await requests(() => call('create', { environment: { GREETING: "it's me" } })), []);
    const started = await requests(() => call('start'));
    assert.deepEqual(started, ['POST /v1/computers', exec, exec]);
    assert.deepEqual(judged().double.requests[0]?.body, {});
  });

  it('runs commands: outputs apart, exit code, environment, folder, UTF-8', async () => {
    const ran = await call('execute', { argv: ['echo "$GREETING"; pwd; echo é✓ >&2; exit 3'] });
    assert.deepEqual(ran, { stdout: "it's me\n/workspace\n", stderr: 'é✓\n', code: 3 });
  });

  it('runs a command of more than 110 seconds over the stream', async () => {
    const odd = 'a\u0085b\u2028c\u2029d\u001ce';
    const ran = await requests(async () => {
      const result = await call('execute', { argv: ['printf', '%s', odd], shell: false, timeout: 111 });
      assert.deepEqual(result, { stdout: odd, stderr: '', code: 0 });
    });
    assert.deepEqual(ran, [stream]);
  });

  it('writes and reads files of any size, with the requests that it is known for', async () => {
    const content = randomBytes(100_000).toString('base64');
    const wrote = await requests(() => call('write', { path: 'deep/er/data.bin', content }));
    assert.deepEqual(wrote, [exec, exec, exec, exec, stream, exec]);
    assert.equal(await call('read', { path: 'deep/er/data.bin' }), content);
    assert.equal(await call('write', { path: 'empty', content: '' }), null);
    assert.equal(await call('read', { path: 'empty' }), '');
    const raised = await judged().client.raised('read', { name: 'one', path: 'nowhere' });
    assert.match(raised.says, /missing/);
  });

  it('lists, makes, moves and removes', async () => {
    await call('mkdir', { path: 'made/inside' });
    await call('write', { path: 'made/a.txt', content: text('a') });
    await call('mv', { source: 'made/a.txt', target: 'made/inside/b.txt' });
    assert.deepEqual(await call('ls', { path: 'made/inside' }), ['b.txt']);
    await call('rm', { path: 'made' });
    const left = (await call('ls', { path: '.' })) as string[];
    assert.deepEqual(left.sort(), ['deep', 'empty']);
  });

  it('persists a workspace in one request and hydrates it elsewhere, modes, times and links kept', async () => {
    const build =
      'rm -rf * && mkdir -p none src && echo one > src/a && chmod 751 src/a && touch -d @1700000000 src/a && ln -s a src/l' +
      ' && head -c 3000000 /dev/urandom > big';
    await call('execute', { argv: [build] });
    const listing = 'find . -printf "%y %m %Ts %l %p\\n" | sort; sha256sum big';
    const before = await call('execute', { argv: [listing] });
    let tar: unknown;
    assert.deepEqual(await requests(async () => (tar = await call('persist'))), [stream]);
    await call('execute', { argv: ['rm -rf ./*'] });
    const sent = await requests(() => call('hydrate', { tar }));
    assert.equal(sent.filter((one) => one === stream).length, 2);
    assert.deepEqual(await call('execute', { argv: [listing] }), before);
  });

  it('stops at its close, and resumes what it saved: the files are there', async () => {
    await call('write', { path: 'kept.txt', content: text('kept') });
    assert.deepEqual(await requests(() => call('close')), ['POST /v1/computers/:id/stop']);
    await statusReached(judged(), 'stopped');
    const state = await call('save');
    const resumed = await requests(() => call('resume', { state }));
    assert.deepEqual(resumed.slice(0, 2), [read, 'POST /v1/computers/:id/start']);
    assert.equal(resumed.at(-1), exec);
    assert.equal(await call('read', { path: 'kept.txt' }), text('kept'));
  });

  it('deletes in any state', async () => {
    await call('close');
    assert.deepEqual(await requests(() => call('delete')), ['DELETE /v1/computers/:id']);
    await eventually(() => Promise.resolve(judged().double.computers().length === 0 || undefined), 'its end');
  });

  it('keeps a snapshot at its close and restores it on a resume', async () => {
    const snapshots = mkdtempSync(join(tmpdir(), 'celesto-snapshots-'));
    try {
      const two = (operation: string, more: Record<string, unknown> = {}) =>
        judged().client.call(operation, { name: 'two', ...more });
      await two('create', { snapshots, options: { delete_on_close: false } });
      await two('start');
      await two('write', { path: 'src/kept.txt', content: text('in the snapshot') });
      const closed = await requests(() => two('close'));
      assert.deepEqual(closed, [exec, exec, stream, 'POST /v1/computers/:id/stop']);
      const [archive = ''] = readdirSync(snapshots);
      assert.match(execFileSync('tar', ['-tf', join(snapshots, archive)]).toString(), /src\/kept\.txt/);
      await statusReached(judged(), 'stopped');
      const state = await two('save');
      await two('resume', { state });
      assert.equal(await two('read', { path: 'src/kept.txt' }), text('in the snapshot'));
      await two('close');
      await two('delete');
      assert.equal(judged().double.computers().length, 1);
    } finally {
      rmSync(snapshots, { recursive: true, force: true });
    }
  });

  it('attaches to a computer by its id, and starts a stopped one', async () => {
    await statusReached(judged(), 'stopped');
    const id = judged().double.computers()[0]?.id;
    const three = (operation: string, more: Record<string, unknown> = {}) =>
      judged().client.call(operation, { name: 'three', ...more });
    assert.equal(await three('create', { options: { computer_id: id } }), id);
    const started = await requests(() => three('start'));
    assert.deepEqual(started.slice(0, 2), [read, 'POST /v1/computers/:id/start']);
    assert.equal(await three('read', { path: 'src/kept.txt' }), text('in the snapshot'));
  });

  it('lets an agent work in it', async () => {
    const model = await startModelServer(
      rounds({ calls: [shellCall('echo from the agent > agent.txt && cat agent.txt')] }, { text: 'It is written.' }),
    );
    try {
      const said = await judged().client.call('run_agent', {
        name: 'three',
        model_url: model.url,
        model: modelName,
        prompt: 'Write a file.',
      });
      assert.equal(said, 'It is written.');
      const result = model.requests.at(-1)?.conversation.entries.find(({ kind }) => kind === 'result');
      assert.match(JSON.stringify(result), /from the agent/);
    } finally {
      await model.close();
    }
    assert.equal(await judged().client.call('read', { name: 'three', path: 'agent.txt' }), text('from the agent\n'));
  });

  it('waits for a computer that is made asynchronously, and tells of one that cannot be', async () => {
    const { double, client } = judged();
    Object.assign(double.knobs, { asyncCreate: true, provisionMs: 400 });
    await client.call('create', { name: 'four' });
    const started = await requests(() => client.call('start', { name: 'four' }));
    assert.deepEqual(started.slice(0, 2), ['POST /v1/computers', read]);
    double.knobs.createError = 'no host has room';
    await client.call('create', { name: 'five' });
    const raised = await client.raised('start', { name: 'five' });
    assert.match(JSON.stringify(raised), /could not start/);
    Object.assign(double.knobs, { asyncCreate: false, provisionMs: 0, createError: undefined });
  });

  it('refuses a computer whose network is not as asked', async () => {
    const { client, double } = judged();
    const id = double.computers().find(({ status }) => status === 'running')?.id;
    const same = { computer_id: id, network_policy: { mode: 'open' } };
    await client.call('create', { name: 'six', options: same });
    await client.call('start', { name: 'six' });
    await client.call('create', { name: 'six', options: { ...same, network_policy: { mode: 'off' } } });
    assert.match(JSON.stringify(await client.raised('start', { name: 'six' })), /network_policy/);
  });
});
