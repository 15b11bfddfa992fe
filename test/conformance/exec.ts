import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { guestPath } from '../../src/core/paths.ts';
import type { Sandbox } from '../../src/core/sandbox.ts';
import { awkwardNames } from '../support/tarOf.ts';
import { type Harness, scaled } from './harness.ts';
import { bytesOf, finish, freshFolder, Input, request, run, sh, Watched } from './running.ts';

/** What a command is given and what comes back. */
export function execChapter(harness: Harness, sandbox: () => Sandbox): void {
  it('tells exit codes', async () => {
    for (const code of [0, 1, 7, 127, 255]) {
      assert.deepEqual((await run(sandbox(), `exit ${code}`)).outcome, { kind: 'exited', code });
    }
  });

  it('tells ends by signal', async () => {
    for (const signal of ['SEGV', 'KILL', 'TERM', 'ABRT']) {
      const { outcome } = await run(sandbox(), ['sh', '-c', `kill -${signal} $$`]);
      assert.deepEqual(outcome, { kind: 'signaled', signal: `SIG${signal}` });
    }
  });

  it('tells a program that is not there from one that failed', async () => {
    const { outcome } = await run(sandbox(), ['no-such-program-anywhere']);
    assert.equal(outcome.kind, 'not-started');
    const absent = await run(sandbox(), 'true', { cwd: guestPath('/no/such/folder') });
    assert.equal(absent.outcome.kind, 'not-started');
  });

  it('passes arguments as they are', async () => {
    const words = [...awkwardNames, '', ' ', "'; echo pwned #", '$HOME', '\\'];
    const { outBytes } = await run(sandbox(), ['sh', '-c', 'printf "%s\\0" "$@"', 'sh', ...words]);
    assert.deepEqual(outBytes.toString().split('\0').slice(0, -1), words);
  });

  it('runs a shell line as a shell does', async () => {
    const { out, outcome } = await run(sandbox(), 'x=2; echo "$((x + 1))" | tr 3 4 && (exit 5)');
    assert.deepEqual([out, outcome], ['4\n', { kind: 'exited', code: 5 }]);
    const login = await run(sandbox(), { shell: 'pwd', login: true });
    assert.equal(login.out, `${sandbox().workspaceRoot}\n`);
  });

  it('starts in the folder that was asked for', async () => {
    const folder = await freshFolder(sandbox());
    assert.equal((await run(sandbox(), 'pwd', { cwd: folder })).out, `${folder}\n`);
    assert.equal((await run(sandbox(), ['pwd'])).out, `${sandbox().workspaceRoot}\n`);
  });

  it('sets the variables that were given and none of this machine', async () => {
    const canary = randomBytes(12).toString('hex');
    process.env['AIRLOCK_CONFORMANCE_CANARY'] = canary;
    const env = { PLAIN: 'a', EMPTY: '', ODD: ' "q" \'s\' $x \n=ünï\\ ' };
    const { outBytes } = await run(sandbox(), ['env', '-0'], { env });
    delete process.env['AIRLOCK_CONFORMANCE_CANARY'];
    const seen = outBytes.toString().split('\0');
    for (const [name, value] of Object.entries(env)) assert.ok(seen.includes(`${name}=${value}`), name);
    assert.equal(
      seen.some((line) => line.includes(canary)),
      false,
    );
    assert.ok(seen.some((line) => line.startsWith('HOME=/')));
    assert.equal((await run(sandbox(), 'echo "${PLAIN-unset}"')).out, 'unset\n');
  });

  it('always has node', async () => {
    assert.match(await sh(sandbox(), 'node -p "6 * 7"'), /^42\n$/);
  });

  it('keeps the two streams apart and in order, without delay', async () => {
    const input = new Input();
    const script = 'echo one; read x; echo two >&2; read x; echo three; read x; printf four >&2';
    const watched = new Watched(sandbox().exec(request(sandbox(), script, { stdin: input.stream })));
    for (const seen of ['one\n', '!two\n', 'three\n']) {
      await watched.saw(seen);
      input.send('go on\n');
    }
    assert.deepEqual(await watched.finished, { kind: 'exited', code: 0 });
    assert.equal(watched.text, 'one\n!two\nthree\n!four');
  });

  it('loses nothing of two busy streams', async () => {
    const script = 'i=0; while [ $i -lt 2000 ]; do echo o$i; echo e$i >&2; i=$((i+1)); done';
    const { out, err } = await run(sandbox(), script);
    const numbers = Array.from({ length: 2000 }, (_, at) => at);
    assert.equal(out, numbers.map((at) => `o${at}\n`).join(''));
    assert.equal(err, numbers.map((at) => `e${at}\n`).join(''));
  });

  it('lets programs open their streams by name', async () => {
    const { out, err, outcome } = await run(
      sandbox(),
      'echo a | tee /dev/stdout >/dev/null; echo b >/dev/stderr; echo c >/dev/stdout',
    );
    assert.deepEqual([err, outcome], ['b\n', { kind: 'exited', code: 0 }]);
    assert.match(out, /c\n$/);
  });

  it('carries binary input and output', async () => {
    const bytes = Buffer.concat([Buffer.from(Array.from({ length: 256 }, (_, at) => at)), randomBytes(3_000_000)]);
    const pieces = [bytes.subarray(0, 1), bytes.subarray(1, 100_000), bytes.subarray(100_000)];
    const { outBytes, outcome } = await run(sandbox(), ['cat'], { stdin: bytesOf(...pieces) });
    assert.deepEqual(outcome, { kind: 'exited', code: 0 });
    assert.equal(outBytes.equals(bytes), true);
  });

  it('gives a command without input the end of it at once', async () => {
    assert.equal((await run(sandbox(), 'cat; echo end')).out, 'end\n');
    assert.equal((await run(sandbox(), 'cat; echo end', { stdin: bytesOf() })).out, 'end\n');
  });

  it('ends a command that leaves its input unread', async () => {
    const large = Buffer.alloc(1024 * 1024);
    const stdin = bytesOf(...Array.from({ length: 20 }, () => large));
    assert.deepEqual((await run(sandbox(), 'exit 3', { stdin })).outcome, { kind: 'exited', code: 3 });
  });

  it('holds a command back whose output is not read, and its bytes not in memory', async function () {
    const megabytes = scaled(harness, 100);
    const folder = await freshFolder(sandbox());
    const script = `head -c ${megabytes * 1024 * 1024} /dev/zero; : >done`;
    const exec = sandbox().exec(request(sandbox(), script, { cwd: folder }));
    const before = process.memoryUsage().rss;
    let peak = before;
    let received = 0;
    for await (const { bytes } of exec.output) {
      if (received === 0) {
        // Nothing is read meanwhile. What is read later may lie in memory until it is collected.
        for (let round = 0; round < 20; round += 1) {
          assert.equal(await sh(sandbox(), 'ls -- "$1"', folder), '');
          peak = Math.max(peak, process.memoryUsage().rss);
        }
      }
      received += bytes.length;
    }
    assert.equal(received, megabytes * 1024 * 1024);
    assert.ok(peak - before < 64 * 1024 * 1024, `memory grew by ${peak - before} bytes`);
    assert.equal(await sh(sandbox(), 'ls -- "$1"', folder), 'done\n');
  });

  it('gives every byte of a long output', async () => {
    const size = scaled(harness, 100) * 1024 * 1024;
    const script = `const b = Buffer.alloc(65536); let n = 0; const go = () => { while (n < ${size}) {
      b.fill(n / 65536 & 255); n += 65536; if (!process.stdout.write(Buffer.from(b))) return process.stdout.once('drain', go); } }; go()`;
    const hash = createHash('sha256');
    const expected = createHash('sha256');
    for (let at = 0; at < size; at += 65536) expected.update(Buffer.alloc(65536, (at / 65536) & 255));
    const exec = sandbox().exec(request(sandbox(), ['node', '-e', script]));
    for await (const { bytes } of exec.output) hash.update(bytes);
    assert.deepEqual(await exec.outcome, { kind: 'exited', code: 0 });
    assert.equal(hash.digest('hex'), expected.digest('hex'));
  });

  it('runs many commands at once, each with its own streams and end', async () => {
    const slow = sandbox().exec(request(sandbox(), 'head -c 5000000 /dev/zero'));
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, at) => run(sandbox(), `echo ${at}; echo e${at} >&2; exit ${at}`)),
    );
    for (const [at, { out, err, outcome }] of results.entries()) {
      assert.deepEqual([out, err, outcome], [`${at}\n`, `e${at}\n`, { kind: 'exited', code: at }]);
    }
    assert.equal((await finish(slow)).outBytes.length, 5_000_000);
  });
}
