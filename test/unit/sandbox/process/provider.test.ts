import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { guestPath } from '../../../../src/core/paths.ts';
import type { CreateIntent, Outcome, Provider, Sandbox } from '../../../../src/core/sandbox.ts';
import { thisMachine } from '../../../../src/host/spawn.ts';
import { processProvider } from '../../../../src/sandbox/process/index.ts';
import { mintId } from '../../../../src/shared/ids.ts';
import { onlyOnLinux } from '../../../support/commands/results.ts';
import { bundlePrograms } from '../../../support/programs.ts';

const { signal } = new AbortController();
const intentOf = (key: string): CreateIntent => ({ session: mintId('session'), key });

describe('the built-in provider', function () {
  this.timeout(240_000);
  let root = '';
  let provider: Provider;

  before(async function () {
    onlyOnLinux(this);
    root = mkdtempSync('/tmp/airlock-provider-');
    chmodSync(root, 0o755);
    const programs = await bundlePrograms(join(root, 'programs'));
    provider = processProvider({
      machine: thisMachine(),
      storage: join(root, 'storage'),
      programs,
      log: () => undefined,
    });
  });

  after(() => rmSync(root, { recursive: true, force: true }));

  async function create(
    options: Partial<Parameters<Provider['create']>[0]> = {},
    key = mintId('op'),
  ): Promise<Sandbox> {
    const made = await provider.create(
      { settings: {}, toolchains: [], ...options },
      intentOf(key),
      () => undefined,
      signal,
    );
    if (made.kind !== 'ready') throw new Error(made.problem.detail);
    return made.sandbox;
  }

  async function run(sandbox: Sandbox, shell: string): Promise<{ text: string; outcome: Outcome }> {
    const exec = sandbox.exec({
      op: mintId('op'),
      run: { shell, login: true },
      cwd: guestPath('/workspace'),
      onLinkLoss: 'kill',
    });
    const parts: Uint8Array[] = [];
    for await (const { bytes } of exec.output) parts.push(bytes);
    return { text: Buffer.concat(parts).toString(), outcome: await exec.outcome };
  }

  it('refuses a wrong setting by its name before anything is made', async () => {
    const made = await provider.create(
      { settings: { maxProcesses: 1 }, toolchains: [] },
      intentOf('wrong'),
      () => undefined,
      signal,
    );
    assert.match(made.kind === 'none' ? made.problem.detail : '', /airlock\.process\.maxProcesses/);
    assert.deepEqual(await provider.settle(intentOf('wrong'), signal), { kind: 'never' });
  });

  it('settles a create whose answer was lost, and removes it without resuming, twice', async () => {
    const key = mintId('op');
    const sandbox = await create({}, key);
    await sandbox.detach();
    const settled = await provider.settle(intentOf(key), signal);
    assert.equal(settled.kind, 'ours');
    assert.equal((await provider.inventory(signal)).length, 1);
    const { state } = settled;
    assert.deepEqual(await provider.remove(state, signal), { kind: 'done' });
    assert.deepEqual(await provider.remove(state, signal), { kind: 'done' });
    assert.deepEqual(await provider.inventory(signal), []);
    assert.deepEqual(await provider.resume(state, signal), { kind: 'gone' });
  });

  it('removes nothing that a foreign state names', async () => {
    const state = { provider: 'process', version: 1, data: { folder: root } };
    assert.equal((await provider.remove(state, signal)).kind, 'failed');
  });

  it('shows agreed tool chains read-only, first in PATH, in login shells too', async () => {
    const folder = join(root, 'chain');
    mkdirSync(join(folder, 'bin'), { recursive: true });
    writeFileSync(join(folder, 'bin', 'project-tool'), '#!/bin/sh\necho from the chain\n', { mode: 0o755 });
    const sandbox = await create({ toolchains: [{ name: 'Tools', folder, bin: join(folder, 'bin') }] });
    try {
      const ran = await run(
        sandbox,
        `project-tool; (echo x > '${folder}/bin/new') 2>/dev/null || echo refused; node -p 1+1`,
      );
      assert.match(ran.text, /^from the chain\nrefused\n2\n$/);
      const odd = { name: 'Odd', folder: '/root', bin: '/root/bin' };
      const refused = await provider.create(
        { settings: {}, toolchains: [odd] },
        intentOf('odd'),
        () => undefined,
        signal,
      );
      assert.equal(refused.kind, 'none');
    } finally {
      await sandbox.delete(signal);
    }
  });

  it('has git that can commit, and a home and workspace that outlive a stop', async () => {
    const sandbox = await create();
    try {
      const first = sandbox.incarnation;
      const git = await run(
        sandbox,
        'git init -q && echo a > a && git add a && git commit -qm one && git log --oneline | wc -l',
      );
      assert.equal(git.text.trim(), '1');
      assert.deepEqual(await sandbox.stop(signal), { kind: 'done' });
      assert.equal((await run(sandbox, 'true')).outcome.kind, 'not-started');
      assert.deepEqual(await sandbox.start(signal), { kind: 'done' });
      assert.notEqual(sandbox.incarnation, first);
      assert.equal((await run(sandbox, 'cat a')).text, 'a\n');
    } finally {
      await sandbox.delete(signal);
    }
  });

  it('says that it ended when a command ended everything inside, and starts again', async () => {
    const sandbox = await create();
    try {
      assert.equal((await run(sandbox, 'kill -9 -1; kill -9 1; sleep 60')).outcome.kind, 'unknown');
      for await (const status of sandbox.watch(signal)) if (status.state !== 'running') break;
      assert.deepEqual(await sandbox.start(signal), { kind: 'done' });
      assert.equal((await run(sandbox, 'echo again')).text, 'again\n');
    } finally {
      await sandbox.delete(signal);
    }
  });
});
