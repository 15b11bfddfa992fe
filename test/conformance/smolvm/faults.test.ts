import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { guestPath } from '../../../src/core/paths.ts';
import type { Sandbox, Status } from '../../../src/core/sandbox.ts';
import { look, remove, stop, type Program } from '../../../src/sandbox/smolvm/program/index.ts';
import { tarOf } from '../../support/tarOf.ts';
import { eventually } from '../../support/vscode/eventually.ts';
import { createSandbox } from '../harness.ts';
import { request, run, sh, Watched } from '../running.ts';
import { harness } from '../smolvmHarness.ts';
import { killEmulator, never, programOf, rigOrSkip } from './programs.ts';

const state = z.object({ vmId: z.string() });
const within = 120_000;
const port = 20_000 + (process.pid % 10_000);

/** What goes wrong with a virtual machine from outside ends in a true state, a clear sentence, and no lost work. */
describe('what befalls a local virtual machine from outside', function () {
  this.timeout(600_000);
  this.slow(60_000);
  let program: Program;
  let sandbox: Sandbox;
  let name = '';

  before(async function () {
    program = programOf(await rigOrSkip(this), 'smolvm');
    const options = { ...harness.options, settings: { ...harness.options.settings, exposedPorts: [port] } };
    sandbox = await createSandbox({ ...harness, options });
    name = state.parse(sandbox.state().data).vmId;
    await sh(sandbox, 'echo work >/workspace/done && sync');
  });

  after(async () => {
    if (name !== '') assert.deepEqual(await remove(program, name), { kind: 'done' });
    await harness.cleanUp();
  });

  /** Waits for a state as it is told to whoever watches. */
  const told = async (wanted: Status['state']): Promise<Status> => {
    const over = new AbortController();
    const timer = setTimeout(() => over.abort(), within);
    try {
      for await (const status of sandbox.watch(over.signal)) if (status.state === wanted) return status;
    } finally {
      clearTimeout(timer);
    }
    throw new Error(`It was never told to be ${wanted}.`);
  };

  const startsAgain = async () => {
    const before = sandbox.incarnation;
    assert.deepEqual(await sandbox.start(never), { kind: 'done' });
    assert.notEqual(sandbox.incarnation, before);
    assert.equal(await sh(sandbox, 'cat /workspace/done'), 'work\n');
  };

  /** What a server on the guest's own loopback is heard to say at the same port here. */
  const servedAt = async (at: number): Promise<string> => {
    const server =
      "require('node:http').createServer((_, answer) => answer.end('from inside')).listen(process.argv[1], '127.0.0.1', () => console.log('up'))";
    // The connection may drop meanwhile: a machine under load starves a guest for longer than is waited for it.
    const under = new Watched(
      sandbox.exec(request(sandbox, ['node', '-e', server, String(at)], { onLinkLoss: 'keep' })),
    );
    await under.saw('up');
    try {
      const asked = () => fetch(`http://127.0.0.1:${at}/`).then((answer) => answer.text());
      return await eventually(() => asked().catch(() => undefined), 'an answer', within);
    } finally {
      await under.exec.interrupt('KILL');
      await under.finished;
    }
  };

  it('a killed SSH connection is made anew, and the command that was under way is followed to its end', async () => {
    const { incarnation } = sandbox;
    const slow = new Watched(
      sandbox.exec(
        request(sandbox, 'echo began; until [ -e /tmp/go ]; do sleep 0.2; done; echo over', { onLinkLoss: 'keep' }),
      ),
    );
    await slow.saw('began');
    // Every server of a connection, the one that carries this command too.
    const kill =
      'setsid sh -c \'sleep 1; for p in $(pgrep -P "$(pgrep -o -x dropbear)"); do kill -9 "$p"; done\' >/dev/null 2>&1 </dev/null &';
    await sh(sandbox, kill);
    await eventually(
      async () => (await run(sandbox, 'sleep 1.5; true')).outcome.kind === 'exited' || undefined,
      'a command',
      within,
    );
    await sh(sandbox, ': >/tmp/go');
    assert.deepEqual(await slow.finished, { kind: 'exited', code: 0 });
    assert.match(slow.text, /began\n[^]*over\n/);
    assert.equal(sandbox.incarnation, incarnation);
  });

  it('a full disk refuses what goes in with a sentence, and nothing that was there changes', async () => {
    const root = guestPath('/workspace/full');
    const first = await sandbox.upload(tarOf([['kept', 'as it was']]), [], { root, mode: 'replace', signal: never });
    assert.deepEqual(first, { kind: 'committed' });
    await run(sandbox, 'dd if=/dev/zero of=/filler bs=1M 2>/dev/null; sync');
    const large = [
      ['kept', 'changed'],
      ['large', randomBytes(4 * 1024 * 1024)],
    ] as const;
    const refused = await sandbox.upload(tarOf(large), [], { root, mode: 'replace', signal: never });
    assert.equal(refused.kind, 'not-committed');
    assert.match(refused.problem.detail, /disk of the sandbox is full/);
    assert.equal(await sh(sandbox, 'cat /workspace/full/kept && ls -A /workspace'), 'as it was' + 'done\nfull\n');
    await sh(sandbox, 'rm /filler');
    assert.deepEqual(await sandbox.upload(tarOf(large), [], { root, mode: 'replace', signal: never }), {
      kind: 'committed',
    });
    await sh(sandbox, 'sync');
  });

  it('a killed emulator is told as lost, the command as unknown, and it comes back with its disk', async () => {
    const lost = told('lost');
    const under = new Watched(sandbox.exec(request(sandbox, 'echo began; sleep 600')));
    await under.saw('began');
    await killEmulator(name);
    const outcome = await under.finished;
    assert.equal(outcome.kind, 'unknown');
    assert.match((await lost).detail ?? '', /ended/);
    const refused = (await run(sandbox, 'true')).outcome;
    assert.equal(refused.kind, 'not-started');
    await startsAgain();
    assert.equal(await sh(sandbox, 'cat /workspace/full/kept'), 'changed');
  });

  it('one that is stopped from outside is told as stopped, and started again with its exposed port', async () => {
    await sh(sandbox, 'sync');
    assert.equal(await servedAt(port), 'from inside');
    const stopped = told('stopped');
    await stop(program, name);
    await stopped;
    const refused = (await run(sandbox, 'true')).outcome;
    assert.equal(refused.kind, 'not-started');
    await startsAgain();
    assert.equal(await servedAt(port), 'from inside');
  });

  it('one that is deleted from outside is told as gone', async () => {
    const gone = told('gone');
    assert.deepEqual(await remove(program, name), { kind: 'done' });
    await gone;
    const failed = await sandbox.start(never);
    assert.equal(failed.kind, 'failed');
    assert.deepEqual(await sandbox.delete(never), { kind: 'done' });
    assert.equal(await look(program, name), undefined);
  });
});
