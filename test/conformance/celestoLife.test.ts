import assert from 'node:assert/strict';
import { AirlockError, type ErrorId } from '../../src/core/problem.ts';
import type { Sandbox, Terminal } from '../../src/core/sandbox.ts';
import { refusalCodes } from '../support/celesto/refusals.ts';
import type { CelestoDoubleOptions } from '../support/celesto/double.ts';
import { skipBecause } from '../support/commands/results.ts';
import { present } from '../support/present.ts';
import { lacksPython } from '../support/relay/systemPython.ts';
import { httpServer } from './servers.ts';
import { CelestoDesk } from './celestoDesk.ts';
import { never, newIntent } from './harness.ts';
import { eventually, request, sh, Watched } from './running.ts';

/** What only hosted computers have: an account, money, other hosts, and ports that are public. */
describe('the life of a hosted computer', function () {
  this.timeout(240_000);
  let desk: CelestoDesk | undefined;
  const open = async (options: CelestoDoubleOptions = {}): Promise<CelestoDesk> => {
    desk = await CelestoDesk.open(options);
    return desk;
  };
  afterEach(async () => {
    await desk?.close();
    desk = undefined;
  });

  it('waits for a computer that takes its time, and says so', async () => {
    const desk = await open({ asyncCreate: true, provisionMs: 1200 });
    const steps: string[] = [];
    const created = await desk.provider.create(
      { settings: {}, toolchains: [] },
      newIntent(),
      ({ title, detail }) => steps.push([title, detail].join(': ')),
      never,
    );
    assert.ok(created.kind === 'ready');
    assert.ok(
      steps.some((step) => step === 'Waiting for the computer: it is being made'),
      steps.join('\n'),
    );
    assert.equal(await sh(created.sandbox, 'echo hi'), 'hi\n');
    await created.sandbox.delete(never);
  });

  for (const kind of ['drop-before', 'drop-after', '500', '500-after', '429', 'truncate'] as const) {
    it(`makes one computer when the answer to its create meets ${kind}`, async () => {
      const desk = await open({ faults: [{ kind, at: 1, match: 'POST /v1/computers' }] });
      const sandbox = await desk.sandbox();
      assert.equal(desk.double.computers().length, 1);
      const creates = desk.double.requests.filter(({ method, url }) => method === 'POST' && url === '/v1/computers');
      assert.equal(new Set(creates.map(({ headers }) => headers['idempotency-key'])).size, 1);
      assert.equal(await sh(sandbox, 'echo hi'), 'hi\n');
    });
  }

  it('deletes what it made when the computer never comes to run', async () => {
    const desk = await open({ createError: 'no host' });
    const created = await desk.create();
    assert.equal(created.kind, 'none');
    assert.deepEqual(desk.double.computers(), []);
  });

  it('says what a computer lacks, and how it is mended, and leaves none behind', async () => {
    const desk = await open({ lacks: ['perl', 'python3', 'dd', 'xargs'] });
    const created = await desk.create();
    assert.ok(created.kind === 'none');
    const refused = created.problem;
    assert.deepEqual([refused.id, refused.fix], ['unsupported', 'open-settings']);
    assert.match(refused.detail, /needs Perl, Python 3\.8 or .*lacks dd, xargs.*install perl-base or python3 inside/);
    assert.deepEqual(desk.double.computers(), []);
  });

  it('takes the first language that is there for its own program inside', async function () {
    const reason = lacksPython();
    if (reason !== undefined) skipBecause(this, reason);
    for (const [options, words] of [
      [{}, /^perl \S+\.pl watch 1800$/m],
      [{ lacks: ['perl'] }, /^python3 -I -S \S+\.py watch 1800$/m],
      [{ tools: 'busybox' }, /^python3 -I -S \S+\.py watch 1800$/m],
      [{ lacks: ['perl', 'python3'] }, /^sh \S+\.sh watch 1800 on$/m],
      [{ tools: 'busybox', lacks: ['python3'] }, /^sh \S+\.sh watch 1800 on$/m],
    ] as const satisfies readonly (readonly [CelestoDoubleOptions, RegExp])[]) {
      const desk = await open(options);
      const sandbox = await desk.sandbox();
      const all = `for p in /proc/[0-9]*/cmdline; do tr '\\000' ' ' <$p | sed 's/ $//'; echo; done 2>/dev/null`;
      assert.match(await sh(sandbox, all), words);
      await desk.close();
    }
    desk = undefined;
  });

  it('leaves nothing behind when it is cancelled while the computer is made', async () => {
    const desk = await open({ asyncCreate: true, provisionMs: 2000 });
    const controller = new AbortController();
    const creating = desk.provider.create(
      { settings: {}, toolchains: [] },
      newIntent(),
      ({ detail }) => detail !== undefined && controller.abort(),
      controller.signal,
    );
    const created = await creating;
    assert.ok(created.kind === 'none' && created.problem.id === 'aborted');
    assert.deepEqual(desk.double.computers(), []);
  });

  it('says each refusal in a sentence of its own with one button', async () => {
    const desk = await open();
    const ids = new Map<string, ErrorId>();
    for (const code of refusalCodes) {
      desk.double.knobs.createRefusal = code;
      const created = await desk.create();
      assert.ok(created.kind === 'none', code);
      assert.ok(created.problem.fix !== undefined && created.problem.detail.endsWith('.'), code);
      ids.set(code, created.problem.id);
    }
    assert.equal(ids.get('concurrency_limit_reached'), 'too-many-running');
    assert.equal(ids.get('trial_retained_sandbox_limit_reached'), 'plan-limit');
    assert.equal(ids.get('payment_failed'), 'credit-used-up');
    assert.equal(ids.get('api_key_scope_required'), 'no-permission');
    assert.deepEqual(desk.double.computers(), []);
  });

  it('keeps to the pause that the service asks for', async () => {
    for (const retryAfter of ['seconds', 'date', 'none'] as const) {
      const desk = await open({ rateLimit: { requests: 6, perMs: 1500 }, retryAfter });
      const sandbox = await desk.sandbox();
      for (let at = 0; at < 8; at += 1) assert.equal(await sh(sandbox, 'echo hi'), 'hi\n');
      desk.double.knobs.rateLimit = undefined;
      await desk.close();
    }
    desk = undefined;
  });

  it('attaches to a computer by its name and lets go of it at the end', async () => {
    const desk = await open();
    const own = await desk.sandbox();
    const { name, id } = present(desk.double.computers()[0]);
    const attached = await desk.sandbox({ computerId: name });
    await sh(own, 'echo shared >file');
    assert.equal(await sh(attached, 'cat file'), 'shared\n');
    assert.deepEqual(await attached.delete(never), { kind: 'done' });
    assert.deepEqual(
      desk.double.computers().map((one) => one.id),
      [id],
    );
    assert.deepEqual(await desk.provider.remove(attached.state(), never), { kind: 'done' });
    assert.equal(await sh(own, 'cat file'), 'shared\n');
    const owned = await desk.sandbox({ computerId: id, deleteOnClose: true });
    assert.deepEqual(await owned.delete(never), { kind: 'done' });
    assert.deepEqual(desk.double.computers(), []);
  });

  it('shows every computer of the account with its size, its age and the time it has left', async () => {
    const desk = await open();
    await desk.sandbox({ cpus: 2, memory: 2048, idleMinutes: 10 });
    const [listed] = await desk.provider.inventory(never);
    assert.match(listed?.detail ?? '', /^2 CPU, 2048 MiB memory, running$/);
    assert.ok((listed?.ageMs ?? -1) >= 0);
    assert.ok((listed?.endsInMs ?? 0) > 9 * 60_000 && (listed?.endsInMs ?? 0) <= 10 * 60_000);
  });

  it('has a computer shut itself down also where the answer to its create was lost', async () => {
    const desk = await open({
      faults: [1, 2, 3, 4, 5].map((at) => ({ kind: 'drop-after', at, match: 'POST /v1/computers' })),
    });
    const intent = newIntent();
    assert.equal((await desk.create({ idleMinutes: 10 }, intent)).kind, 'unknown');
    const settled = await desk.provider.settle(intent, never);
    assert.ok(settled.kind === 'ours');
    const resumed = await desk.provider.resume(settled.state, never);
    assert.ok('sandbox' in resumed);
    const left = (await desk.provider.inventory(never))[0]?.endsInMs ?? 0;
    assert.ok(left > 9 * 60_000 && left <= 10 * 60_000, String(left));
    assert.deepEqual(await resumed.sandbox.delete(never), { kind: 'done' });
  });

  it('follows a computer to another host', async () => {
    const desk = await open({ restoreMs: 300 });
    const sandbox = await desk.sandbox();
    await sh(sandbox, 'echo kept >file');
    const running = new Watched(sandbox.exec(request(sandbox, 'echo up; sleep 100')));
    await running.saw('up');
    const { id } = present(desk.double.computers()[0]);
    await desk.double.interrupt(id);
    assert.equal((await running.finished).kind, 'unknown');
    assert.deepEqual(await sandbox.start(never), { kind: 'done' });
    assert.equal(await sh(sandbox, 'cat file'), 'kept\n');
  });

  it('starts a computer that stopped without us, when it is resumed', async () => {
    const desk = await open();
    const sandbox = await desk.sandbox();
    await sh(sandbox, 'echo kept >file');
    await sandbox.detach();
    const { id } = present(desk.double.computers()[0]);
    const headers = { authorization: `Bearer ${desk.double.apiKey}` };
    await fetch(`${desk.double.url}/v1/computers/${id}/stop`, { method: 'POST', headers });
    const resumed = await desk.provider.resume(sandbox.state(), never);
    assert.ok(resumed.kind === 'restarted');
    assert.equal(await sh(resumed.sandbox, 'cat file'), 'kept\n');
    await resumed.sandbox.delete(never);
  });

  it('asks for a sign-in where the key is wrong', async () => {
    const desk = await open();
    desk.double.knobs.scopes = ['computers:read'];
    const created = await desk.create();
    assert.ok(created.kind === 'none' && created.problem.id === 'no-permission');
    assert.match(created.problem.detail, /computers:exec/);
    assert.equal((await desk.provider.probe(never)).ready, true);
  });

  const screen = async (sandbox: Sandbox) => {
    const terminal: Terminal = await sandbox.openTerminal({ cwd: sandbox.workspaceRoot, cols: 90, rows: 20 }, never);
    const seen = { text: '' };
    void (async () => {
      for await (const bytes of terminal.read) seen.text += Buffer.from(bytes).toString();
    })();
    return { terminal, seen, type: (text: string) => terminal.write(Buffer.from(text)) };
  };

  it('comes back to a terminal whose connection was cut', async () => {
    const desk = await open();
    const sandbox = await desk.sandbox();
    const { terminal, seen, type } = await screen(sandbox);
    await type('marker=remembered; echo up\r');
    await eventually(() => Promise.resolve(/up\r\n/.test(seen.text)));
    assert.ok(desk.wire.cut() > 0);
    await eventually(() => Promise.resolve(desk.lines.some((line) => line.includes('came back to a terminal'))));
    await type('echo "it is $marker"; stty size; exit 3\r');
    await eventually(() => Promise.resolve(/it is remembered\r\n20 90\r\n/.test(seen.text)));
    assert.deepEqual(await terminal.ended, { kind: 'exited', code: 3 });
  });

  it('publishes at most four ports and withdraws them', async () => {
    const desk = await open({ lateUrls: true, reservedPorts: [5900] });
    const sandbox = await desk.sandbox();
    const publish = async (port: number) => await present(sandbox.publish?.(port, never));
    const unpublish = async (port: number) => await sandbox.unpublish?.(port, never);
    const server = new Watched(
      sandbox.exec(request(sandbox, ['node', '-e', httpServer.replace('listen(0', 'listen(8123')])),
    );
    await server.saw('up 8123');
    const { url } = await publish(8123);
    const answer = await fetch(url, { method: 'POST', body: 'in public' });
    assert.equal(await answer.text(), 'in public');
    const isProblem = (id: ErrorId) => (error: unknown) => error instanceof AirlockError && error.problem.id === id;
    await assert.rejects(publish(80), isProblem('unsupported'));
    await assert.rejects(publish(5900), isProblem('unsupported'));
    for (const port of [8124, 8125, 8126]) await publish(port);
    await assert.rejects(publish(8127), isProblem('limit'));
    desk.double.knobs.faults = [{ kind: 'drop-after', at: 1, match: 'POST /v1/computers/' }];
    assert.deepEqual(await unpublish(8126), { kind: 'done' });
    assert.deepEqual(await unpublish(8126), { kind: 'done' });
    assert.equal((await publish(8127)).port, 8127);
    await server.exec.interrupt('KILL');
    await server.finished;
  });

  it('asks nobody else what became of a create whose answer was lost', async () => {
    const desk = await open({
      faults: [1, 2, 3, 4, 5].map((at) => ({ kind: 'drop-after', at, match: 'POST /v1/computers' })),
    });
    const elsewhere = await CelestoDesk.open();
    const intent = newIntent();
    assert.equal((await desk.create({}, intent)).kind, 'unknown');
    desk.apiKey = elsewhere.double.apiKey;
    desk.baseUrl = elsewhere.double.url;
    await assert.rejects(desk.provider.settle(intent, never), /asked for at another address/);
    assert.deepEqual([elsewhere.double.computers(), elsewhere.double.requests], [[], []]);
    desk.apiKey = desk.double.apiKey;
    desk.baseUrl = desk.double.url;
    const settled = await desk.provider.settle(intent, never);
    assert.ok(settled.kind === 'ours');
    assert.deepEqual(await desk.provider.remove(settled.state, never), { kind: 'done' });
    await elsewhere.close();
  });

  it('never takes a computer of another service for one that is gone', async () => {
    const desk = await open();
    const sandbox = await desk.sandbox();
    await sandbox.detach();
    const other = {
      ...sandbox.state(),
      data: { computerId: 'x', origin: 'https://elsewhere.example', deleteOnClose: true },
    };
    const resumed = await desk.provider.resume(other, never);
    assert.equal(resumed.kind, 'unknown', 'a computer of another service must not count as gone');
    assert.equal((await desk.provider.remove(other, never)).kind, 'failed');
    assert.deepEqual(await desk.provider.remove(sandbox.state(), never), { kind: 'done' });
  });
});
