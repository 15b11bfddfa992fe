import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { inGuest, relPath } from '../../src/core/paths.ts';
import type { Sandbox } from '../../src/core/sandbox.ts';
import type { CelestoDoubleOptions } from '../support/celesto/double.ts';
import { tarOf } from '../support/tarOf.ts';
import { CelestoDesk } from './celestoDesk.ts';
import { never } from './harness.ts';
import { tree } from './pulling.ts';
import { bytesOf, finish, Input, request, run, sh, Watched } from './running.ts';

const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** So many refusals of one route that it is as good as not there. */
const without = (match: string, status: '404' | '501') =>
  Array.from({ length: 200 }, (_, at) => ({ kind: status, at: at + 1, match }));

/** What the ways to a hosted computer do when they are bad, cut or not there at all. */
describe('the ways to a hosted computer', function () {
  this.timeout(240_000);
  let desk: CelestoDesk | undefined;
  const open = async (options: CelestoDoubleOptions = {}): Promise<{ desk: CelestoDesk; sandbox: Sandbox }> => {
    desk = await CelestoDesk.open(options);
    return { desk, sandbox: await desk.sandbox() };
  };
  afterEach(async () => {
    await desk?.close();
    desk = undefined;
  });

  const roundTrip = async (sandbox: Sandbox, size: number, meanwhile: (bytes: number) => void = () => undefined) => {
    const root = inGuest(sandbox.workspaceRoot, relPath('project'));
    const bytes = randomBytes(size);
    const onProgress = (moved: number) => {
      meanwhile(moved);
    };
    const put = await sandbox.upload(tarOf([['file', bytes]]), [], {
      root,
      mode: 'replace',
      signal: never,
      onProgress,
    });
    assert.deepEqual(put, { kind: 'committed' });
    assert.deepEqual(await tree(sandbox, root), { file: `f ${hash(bytes)}` });
  };

  it('moves files with a number of requests that does not grow with their size', async () => {
    const { desk, sandbox } = await open();
    const small = await desk.requestsOf(() => roundTrip(sandbox, 1000));
    const large = await desk.requestsOf(() => roundTrip(sandbox, 5_000_000));
    assert.ok(large.length <= 4, large.join('\n'));
    assert.ok(small.length <= 6, small.join('\n'));
  });

  it('runs command after command over connections that are there', async () => {
    const { desk, sandbox } = await open();
    const before = desk.wire.made();
    for (let at = 0; at < 12; at += 1) assert.equal(await sh(sandbox, 'echo hi'), 'hi\n');
    // One may still be reading the end of an answer when the next command begins.
    const made = desk.wire.made() - before;
    assert.ok(made <= 3, `${made} connections were made for 12 commands`);
  });

  it('costs one request for a command', async () => {
    const { desk, sandbox } = await open();
    const asked = await desk.requestsOf(() => sh(sandbox, 'echo hi'));
    assert.equal(asked.length, 1, asked.join('\n'));
  });

  for (const terminalFrameBytes of [0, 7, 1000]) {
    it(`moves files over a gateway that gives text in frames of ${terminalFrameBytes || 'any number of'} bytes`, async () => {
      const { desk, sandbox } = await open({ terminalFrames: 'text', terminalFrameBytes });
      await roundTrip(sandbox, terminalFrameBytes === 7 ? 20_000 : 1_000_000);
      assert.ok(
        desk.lines.some((line) => line.includes('b64 out')),
        desk.lines.join('\n'),
      );
    });
  }

  it('goes on with files and commands where it was when every connection is cut', async () => {
    const { desk, sandbox } = await open();
    let cuts = 0;
    await roundTrip(sandbox, 8_000_000, (moved) => {
      if (moved <= (cuts + 1) * 2_000_000) return;
      cuts += 1;
      desk.wire.cut();
    });
    assert.ok(cuts >= 2);
    const watched = new Watched(
      sandbox.exec(request(sandbox, 'for i in 1 2 3 4 5 6; do echo $i; sleep 0.2; done; exit 7')),
    );
    await watched.saw('2\n');
    assert.ok(desk.wire.cut() > 0);
    assert.deepEqual(await watched.finished, { kind: 'exited', code: 7 });
    assert.equal(watched.text, '1\n2\n3\n4\n5\n6\n');
  });

  it('gives a large output whole though the connection is cut in the middle of it', async () => {
    const { desk, sandbox } = await open();
    const exec = sandbox.exec(request(sandbox, 'i=0; while [ $i -lt 300000 ]; do echo line $i; i=$((i+1)); done'));
    let length = 0;
    let next = 1_000_000;
    const sum = createHash('sha256');
    for await (const { bytes } of exec.output) {
      length += bytes.length;
      sum.update(bytes);
      if (length <= next) continue;
      next += 1_000_000;
      desk.wire.cut();
    }
    assert.deepEqual(await exec.outcome, { kind: 'exited', code: 0 });
    const whole = Buffer.from(Array.from({ length: 300_000 }, (_, at) => `line ${at}\n`).join(''));
    assert.deepEqual([length, sum.digest('hex')], [whole.length, hash(whole)]);
  });

  it('takes a command up again whose stream ended without its end', async () => {
    const { desk, sandbox } = await open();
    desk.double.knobs.faults = [{ kind: 'no-exit', at: 1, match: '/exec/stream' }];
    const done = await run(sandbox, 'echo one; sleep 0.3; echo two; exit 5');
    assert.deepEqual([done.out, done.outcome], ['one\ntwo\n', { kind: 'exited', code: 5 }]);
  });

  for (const kind of ['drop-before', 'drop-after', '500', '500-after', 'truncate'] as const) {
    it(`runs a command once when its request meets ${kind}`, async () => {
      const { desk, sandbox } = await open();
      desk.double.knobs.faults = [{ kind, at: 1, match: '/exec/stream' }];
      const done = await run(sandbox, 'echo x >>ran; cat ran; exit 3');
      assert.deepEqual([done.outcome, done.out], [{ kind: 'exited', code: 3 }, 'x\n']);
      assert.equal(await sh(sandbox, 'cat ran'), 'x\n');
    });
  }

  it('does without streams and terminals: commands, their input, and files', async () => {
    const { desk, sandbox } = await open({
      stream: false,
      faults: [...without('/terminals', '501')],
    });
    const done = await run(sandbox, 'echo out; echo err >&2; exit 4');
    assert.deepEqual([done.out, done.err, done.outcome], ['out\n', 'err\n', { kind: 'exited', code: 4 }]);
    const bytes = randomBytes(20_000);
    const { outBytes } = await run(sandbox, ['cat'], { stdin: bytesOf(bytes) });
    assert.equal(outBytes.equals(bytes), true);
    await roundTrip(sandbox, 30_000);
    const input = new Input();
    const watched = new Watched(
      sandbox.exec(request(sandbox, 'echo ready; read x; echo "got $x"', { stdin: input.stream })),
    );
    await watched.saw('ready\n');
    input.send('it\n');
    await watched.saw('got it\n');
    assert.deepEqual(await watched.finished, { kind: 'exited', code: 0 });
    const aborted = new AbortController();
    const long = new Watched(sandbox.exec(request(sandbox, 'echo up; sleep 100', { signal: aborted.signal })));
    await long.saw('up');
    aborted.abort();
    assert.deepEqual(await long.finished, { kind: 'stopped', by: 'abort', killed: 'group' });
    await assert.rejects(sandbox.dial(8080, never), /offers no terminal/);
    assert.equal(
      desk.double.requests.some(({ method, url }) => method === 'GET' && url.includes('/gateway/')),
      false,
    );
  });

  for (const terminalCutBytes of [100, 2500]) {
    it(`moves files in pieces where every terminal breaks after ${terminalCutBytes} bytes`, async () => {
      const { sandbox } = await open({ terminalCutBytes });
      await roundTrip(sandbox, 30_000);
    });
  }

  it('runs commands of any length', async () => {
    const { sandbox } = await open();
    const words = Array.from({ length: 9000 }, (_, at) => `word${at}`);
    assert.equal((await run(sandbox, `echo ${words.join(' ')}`)).out, `${words.join(' ')}\n`);
  });

  it('reads streams as proxies leave them', async () => {
    const { desk, sandbox } = await open();
    const style = desk.double.knobs.streamStyle;
    for (const more of [
      { blankLines: false },
      { crlf: true },
      { comments: true },
      { ascii: false, pieceBytes: 3 },
      { typed: false },
      { started: false },
    ]) {
      desk.double.knobs.streamStyle = { ...style, ...more };
      const done = await finish(sandbox.exec(request(sandbox, 'printf "ü🙂\\n"; echo err >&2; exit 6')));
      assert.deepEqual([done.out, done.err, done.outcome], ['ü🙂\n', 'err\n', { kind: 'exited', code: 6 }]);
    }
  });

  it('sends the key to the service alone', async () => {
    const { desk, sandbox } = await open();
    await roundTrip(sandbox, 1000);
    const upgrades = desk.double.requests.filter(({ url }) => url.startsWith('/gateway/'));
    assert.ok(upgrades.length > 0);
    for (const { headers, url } of upgrades) {
      assert.equal(JSON.stringify([headers, url]).includes(desk.double.apiKey), false);
      assert.equal(headers.authorization, undefined);
    }
    const inside = await sh(
      sandbox,
      'cat /proc/[0-9]*/environ /tmp/.airlock-*/env 2>/dev/null | tr "\\000" "\\n"; true',
    );
    assert.equal(inside.includes(desk.double.apiKey), false);
    assert.equal(desk.lines.join('\n').includes(desk.double.apiKey), false);
  });
});
