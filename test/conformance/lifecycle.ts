import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { inGuest, relPath } from '../../src/core/paths.ts';
import type { Foreign, ProviderState, Sandbox, Status } from '../../src/core/sandbox.ts';
import { mintId } from '../../src/shared/ids.ts';
import { tarOf } from '../support/tarOf.ts';
import { createSandbox, type Harness, never, newIntent, resumeSandbox } from './harness.ts';
import { openPull } from './pulling.ts';
import { eventually, processes, request, run, runs, sh, Watched } from './running.ts';

const otherProgram = fileURLToPath(new URL('../support/otherProcess.ts', import.meta.url));
const stateSchema = z.object({ provider: z.string(), version: z.number(), data: z.unknown() });
const answerSchema = z.object({ kind: z.string(), out: z.string(), incarnation: z.string(), state: stateSchema });

/** A sandbox from its making to its end, and what is known of it elsewhere. Each test has one of its own. */
export function lifecycleChapter(harness: Harness): void {
  const made: Sandbox[] = [];
  const children: ChildProcess[] = [];
  /** What a test has left running, where making another one takes long. */
  let spare: Sandbox | undefined;
  const create = async () => {
    const sandbox = spare ?? (await createSandbox(harness));
    spare = undefined;
    made.push(sandbox);
    return sandbox;
  };
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    const last = made.at(-1);
    if (harness.isSlow === true && last !== undefined && (await runs(last))) spare = last;
    const kept = spare === undefined ? undefined : JSON.stringify(spare.state());
    for (const sandbox of made.splice(0)) {
      if (JSON.stringify(sandbox.state()) === kept) continue;
      assert.deepEqual(await sandbox.delete(never), { kind: 'done' });
    }
  });
  after(async () => {
    if (spare !== undefined) assert.deepEqual(await spare.delete(never), { kind: 'done' });
  });
  const elsewhere = (job: unknown): { child: ChildProcess; line(): Promise<string> } => {
    const args = [otherProgram, harness.module, JSON.stringify(job)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    const lines: string[] = [];
    let text = '';
    let wake: () => void = () => undefined;
    child.stdout.on('data', (bytes: Buffer) => {
      text += bytes.toString();
      const whole = text.split('\n');
      text = whole.pop() ?? '';
      lines.push(...whole);
      wake();
    });
    child.once('exit', () => {
      wake();
    });
    const line = async () => {
      for (;;) {
        const [next] = lines.splice(0, 1);
        if (next !== undefined) return next;
        if (child.exitCode !== null) throw new Error(`The other process ended with ${child.exitCode}.`);
        await new Promise<void>((resolve) => (wake = resolve));
      }
    };
    return { child, line };
  };
  const states = (sandbox: Sandbox) => {
    const controller = new AbortController();
    const seen: Status[] = [];
    const over = (async () => {
      for await (const status of sandbox.watch(controller.signal)) seen.push(status);
    })();
    return {
      seen,
      until: (state: Status['state']) => eventually(() => Promise.resolve(seen.at(-1)?.state === state)),
      async end() {
        controller.abort();
        await over;
      },
    };
  };

  it('says what it is', async () => {
    const provider = await harness.provider();
    assert.match(provider.id, /^[a-z]+$/);
    assert.ok(provider.title.length > 0 && provider.isolation.endsWith('.'));
    assert.equal(provider.settings.safeParse(harness.options.settings).success, true);
    const probe = await provider.probe(never);
    assert.equal(probe.ready, true);
    assert.deepEqual(probe.caps, (await create()).caps);
  });

  it('refuses a wrong setting before anything is made', async () => {
    const provider = await harness.provider();
    const before = (await provider.inventory(never)).length;
    for (const value of [-1, 'many', {}]) {
      const settings = { ...harness.options.settings, memoryMb: value, memory: value };
      const created = await provider.create({ ...harness.options, settings }, newIntent(), () => undefined, never);
      assert.equal(created.kind, 'none');
      assert.equal(created.problem.id, 'bad-input');
    }
    assert.equal((await provider.inventory(never)).length, before);
  });

  it('tells its state as JSON by which another process finds it, with its processes or its files', async () => {
    const sandbox = await create();
    const root = inGuest(sandbox.workspaceRoot, relPath('project'));
    await sandbox.upload(tarOf([['file', 'kept']]), [], { root, mode: 'replace', signal: never });
    await sh(sandbox, '(trap "" HUP; exec sleep 141421) >/dev/null 2>&1 & echo $!');
    const text = JSON.stringify(sandbox.state());
    const state: ProviderState = stateSchema.parse(JSON.parse(text));
    assert.deepEqual(state, sandbox.state());
    assert.equal(state.provider, (await harness.provider()).id);
    await sandbox.detach();
    const shell = 'cat project/file; for p in /proc/[0-9]*; do tr "\\000" " " <$p/cmdline 2>/dev/null; done';
    const other = elsewhere({ do: 'resume', state, shell });
    const answer = answerSchema.parse(JSON.parse(await other.line()));
    assert.match(answer.out, /^kept/);
    const live = sandbox.caps.survivesReload === 'processes';
    assert.equal(answer.kind, live ? 'live' : 'restarted');
    assert.equal(answer.incarnation === sandbox.incarnation, live);
    assert.equal(/sleep 141421/.test(answer.out), live);
    await once(other.child, 'close');
    const resumed = await resumeSandbox(harness, answer.state);
    made.push(resumed.sandbox);
    assert.equal(resumed.kind, live ? 'live' : 'restarted');
    assert.match(await sh(resumed.sandbox, 'cat project/file'), /^kept$/);
  });

  it('stops: processes end, files stay, a start is a new incarnation', async () => {
    const sandbox = await create();
    const watching = states(sandbox);
    const first = sandbox.incarnation;
    await sh(sandbox, 'echo kept >file; (trap "" HUP; exec sleep 141422) >/dev/null 2>&1 &');
    const running = new Watched(sandbox.exec(request(sandbox, 'echo up; sleep 141423')));
    await running.saw('up');
    assert.deepEqual(await sandbox.stop(never), { kind: 'done' });
    assert.equal(['stopped', 'unknown'].includes((await running.finished).kind), true);
    await watching.until('stopped');
    await refusesEverything(sandbox);
    assert.deepEqual(await sandbox.stop(never), { kind: 'done' });
    assert.deepEqual(await sandbox.start(never), { kind: 'done' });
    assert.deepEqual(await sandbox.start(never), { kind: 'done' });
    await watching.until('running');
    assert.notEqual(sandbox.incarnation, first);
    assert.equal(watching.seen.at(-1)?.incarnation, sandbox.incarnation);
    assert.equal(await sh(sandbox, 'cat file'), 'kept\n');
    assert.doesNotMatch(await processes(sandbox), /14142[23]/);
    await watching.end();
  });

  it('resumes a stopped sandbox on its files', async () => {
    const sandbox = await create();
    await sh(sandbox, 'echo kept >file');
    await sandbox.stop(never);
    const state = sandbox.state();
    await sandbox.detach();
    const resumed = await resumeSandbox(harness, state);
    made.push(resumed.sandbox);
    assert.equal(resumed.kind, 'restarted');
    assert.equal(await sh(resumed.sandbox, 'cat file'), 'kept\n');
  });

  it('deletes, also twice and by its state alone', async () => {
    const sandbox = await create();
    const watching = states(sandbox);
    const state = sandbox.state();
    const provider = await harness.provider();
    const running = new Watched(sandbox.exec(request(sandbox, 'echo up; sleep 141424')));
    await running.saw('up');
    assert.deepEqual(await sandbox.delete(never), { kind: 'done' });
    assert.equal(['stopped', 'unknown'].includes((await running.finished).kind), true);
    assert.deepEqual(await sandbox.delete(never), { kind: 'done' });
    assert.deepEqual(await provider.remove(state, never), { kind: 'done' });
    assert.deepEqual(await provider.resume(state, never), { kind: 'gone' });
    await refusesEverything(sandbox);
    assert.notEqual((await sandbox.start(never)).kind, 'done');
    await watching.until('gone');
    await watching.end();
    assert.deepEqual(
      watching.seen.map(({ state: now }) => now).filter((now) => now !== 'stopped'),
      ['running', 'gone'],
    );
  });

  it('removes by its state what still runs', async () => {
    const sandbox = await create();
    const state = sandbox.state();
    const provider = await harness.provider();
    assert.deepEqual(await provider.remove(state, never), { kind: 'done' });
    assert.deepEqual(await provider.resume(state, never), { kind: 'gone' });
    assert.notEqual((await run(sandbox, 'true')).outcome.kind, 'exited');
  });

  it('refuses a state that it did not make', async () => {
    const provider = await harness.provider();
    for (const data of [{}, null, { folder: '/etc' }, { folder: '/../..' }]) {
      const foreign = { provider: provider.id, version: provider.stateVersion, data };
      assert.notEqual((await provider.resume(foreign, never)).kind, 'live');
      assert.notEqual((await provider.remove(foreign, never)).kind, 'done');
    }
  });

  it('settles a create whose answer was lost, at any moment of it', async () => {
    const provider = await harness.provider();
    assert.deepEqual(await provider.settle(newIntent(), never), { kind: 'never' });
    const moments = harness.killedAfterMs ?? [0, 40, 80, 120, 160, 200, 250, 300];
    for (const moment of [...moments, 'answered'] as const) {
      const intent = newIntent();
      const other = elsewhere({ do: 'create', ...intent });
      await other.line();
      if (moment === 'answered') await other.line();
      else await setTimeout(moment);
      other.child.kill('SIGKILL');
      await once(other.child, 'close');
      const settled = await provider.settle(intent, never);
      assert.ok(settled.kind === 'ours' || (settled.kind === 'never' && moment !== 'answered'), settled.kind);
      if (settled.kind === 'ours') {
        assert.deepEqual(await provider.remove(settled.state, never), { kind: 'done' });
      }
      assert.deepEqual(await harness.leftRunning(), [], `killed after ${moment}`);
      assert.deepEqual(await provider.settle(intent, never), { kind: 'never' });
    }
  });

  it('makes nothing that was cancelled', async () => {
    const provider = await harness.provider();
    const controller = new AbortController();
    const intent = newIntent();
    const step = () => {
      controller.abort();
    };
    const created = await provider.create(harness.options, intent, step, controller.signal);
    assert.equal(created.kind, 'none');
    assert.equal(created.problem.id, 'aborted');
    assert.deepEqual(await provider.settle(intent, never), { kind: 'never' });
  });

  it('lists what it holds', async () => {
    const sandbox = await create();
    const provider = await harness.provider();
    const listed = await provider.inventory(never);
    assert.ok(listed.some(({ state }) => JSON.stringify(state) === JSON.stringify(sandbox.state())));
    const names = listed.map(({ state }) => provider.identify(state));
    assert.equal(names.filter((name) => name === provider.identify(sandbox.state())).length, 1);
    const isLocal = sandbox.caps.isolation !== 'cloud-vm';
    assert.ok(listed.every(({ local }) => (local === true) === isLocal));
    assert.equal(new Set(names).size, names.length, 'no two have one name');
    assert.equal(provider.identify({ provider: 'another', version: 1, data: {} }), undefined);
    const attachable = listed.flatMap(({ attach, state }) => (attach === undefined ? [] : [[attach, state] as const]));
    for (const [attach, state] of attachable) assert.equal(provider.identify(attach), provider.identify(state));
  });

  it('lets go of what was attached, and of nothing else', async () => {
    const sandbox = await create();
    const provider = await harness.provider();
    const isThis = ({ state }: Foreign) => provider.identify(state) === provider.identify(sandbox.state());
    const attach = (await provider.inventory(never)).find(isThis)?.attach;
    assert.equal(attach !== undefined, harness.attaches === true);
    if (attach === undefined) return;
    assert.deepEqual(await provider.remove(attach, never), { kind: 'done' });
    const attached = await resumeSandbox(harness, attach);
    assert.deepEqual(await attached.sandbox.delete(never), { kind: 'done' });
    assert.ok((await provider.inventory(never)).some(isThis), 'it lives on');
  });

  it('says of a command that it cannot be known when the way to it breaks', async () => {
    if (harness.severLink === undefined) return;
    const sandbox = await create();
    const watching = states(sandbox);
    const running = new Watched(sandbox.exec(request(sandbox, 'echo up; sleep 141425; echo never')));
    await running.saw('up');
    await harness.severLink(sandbox);
    assert.equal((await running.finished).kind, 'unknown');
    assert.doesNotMatch(running.text, /never/);
    await eventually(() => Promise.resolve(watching.seen.at(-1)?.state !== 'running'));
    assert.deepEqual(await sandbox.start(never), { kind: 'done' });
    await watching.until('running');
    assert.doesNotMatch(await processes(sandbox), /141425/);
    await watching.end();
  });
}

/** What a sandbox that does not run answers: that nothing was begun. */
async function refusesEverything(sandbox: Sandbox): Promise<void> {
  assert.equal((await run(sandbox, 'true')).outcome.kind, 'not-started');
  const root = inGuest(sandbox.workspaceRoot, relPath('project'));
  const upload = await sandbox.upload(tarOf([['file', 'x']]), [], { root, mode: 'replace', signal: never });
  assert.equal(upload.kind, 'not-committed');
  const pull = await openPull(sandbox, { root, exclude: [] }, { signal: never });
  await assert.rejects(pull.readAll());
  assert.equal((await pull.outcome).kind, 'not-started');
  await assert.rejects(sandbox.dial(80, never));
  await assert.rejects(sandbox.openTerminal({ cwd: sandbox.workspaceRoot, cols: 80, rows: 24 }, never));
  assert.equal(await sandbox.attach(mintId('op')), 'cannot-know');
}
