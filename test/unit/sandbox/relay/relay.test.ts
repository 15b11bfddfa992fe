import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { mintId } from '../../../../src/shared/ids.ts';
import { record, specBytes, type JobSpec } from '../../../../src/sandbox/relay/job/records.ts';
import { LogReader, type LogRecord } from '../../../../src/sandbox/relay/job/log.ts';
import { packedRelay, relaySource } from '../../../../src/sandbox/relay/inside/program.ts';
import { skipBecause } from '../../../support/commands/results.ts';

const hasPerl = process.platform === 'linux' && spawnSync('perl', ['-e', '1']).status === 0;

for (const tools of ['with its module for base64', 'with what perl-base has'] as const) {
  describe(`the program inside, ${tools}`, function () {
    let folder = '';
    let environment: NodeJS.ProcessEnv = {};
    before(function () {
      if (!hasPerl) skipBecause(this, 'there is no Perl on a Linux here');
    });
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'airlock-relay-'));
      mkdirSync(join(folder, 'j'));
      mkdirSync(join(folder, 'lib/MIME'), { recursive: true });
      writeFileSync(join(folder, 'relay.pl'), relaySource);
      writeFileSync(join(folder, 'env'), `PATH=${process.env['PATH'] ?? ''}\0HOME=/root\0`);
      const plain = { PATH: process.env['PATH'] };
      writeFileSync(join(folder, 'lib/MIME/Base64.pm'), 'die "not there";');
      environment = tools.includes('perl-base') ? { ...plain, PERL5LIB: join(folder, 'lib') } : plain;
    });
    afterEach(() => {
      perl(['watch', 0]);
      rmSync(folder, { recursive: true, force: true });
    });

    const perl = (words: readonly (string | number)[], input: Uint8Array = new Uint8Array(0)): string[] => {
      const text = execFileSync('perl', [join(folder, 'relay.pl'), ...words.map(String)], {
        input: Buffer.from(input).toString('base64'),
        env: environment,
      }).toString();
      return text.trimEnd().split('\n');
    };
    const spec = (shell: string, more: Partial<JobSpec> = {}) =>
      specBytes({ argv: ['sh', '-c', shell], cwd: '/', env: {}, keep: false, input: false, ...more }) ?? assert.fail();
    const go = (op: string, bytes: Uint8Array) => perl(['go', op, 'me', 0, 700_000, 20, 0], bytes);
    const read = (lines: readonly string[], from = 0): LogRecord[] => {
      const found: LogRecord[] = [];
      const reader = new LogReader((told) => found.push(told));
      reader.beginAt(from);
      for (const line of lines) {
        if (/^[@.]/.test(line) || line === '') continue;
        reader.take(reader.wanted, Buffer.from(line, 'base64'));
      }
      return found;
    };
    const ended = (lines: readonly string[]) => {
      const last = read(lines).at(-1);
      return last?.kind === 'ended' ? last.end : undefined;
    };

    it('packs into two commands of the API', () => {
      assert.equal(gunzipSync(Buffer.from(packedRelay(), 'base64')).toString(), relaySource);
      assert.ok(packedRelay().length < 18_000, String(packedRelay().length));
    });

    it('tells output and end, again to whoever asks, and begins nothing twice', () => {
      const op = mintId('op');
      const lines = go(op, spec('printf "a\\377\\000"; echo b >&2; exit 9'));
      assert.equal(lines[0], '@0');
      assert.equal(lines.at(-1), '.end');
      const out = read(lines).filter((one) => one.kind === 'output');
      assert.deepEqual(
        Buffer.concat(out.filter(({ fd }) => fd === 1).map(({ bytes }) => bytes)),
        Buffer.from('a\xff\0', 'latin1'),
      );
      assert.deepEqual(ended(lines), { kind: 'exited', code: 9 });
      assert.deepEqual(ended(perl(['follow', op, 'me', 0, 700_000, 20, 0])), { kind: 'exited', code: 9 });
      assert.deepEqual(go(op, spec('echo again')), ['.dup']);
      assert.deepEqual(perl(['follow', mintId('op'), 'me', 0, 1000, 5, 0]), ['.none']);
    });

    it('gives a window at a time and goes on where it was', () => {
      const op = mintId('op');
      const first = perl(['go', op, 'me', 0, 50_000, 20, 0], spec('head -c 200000 /dev/zero | tr "\\000" x'));
      assert.equal(first.at(-1), '.more');
      const all: Buffer[] = [];
      let lines = first;
      let length = 0;
      while (lines.at(-1) === '.more') {
        const got = Buffer.concat(
          lines.filter((line) => !/^[@.]/.test(line)).map((line) => Buffer.from(line, 'base64')),
        );
        assert.ok(got.length <= 50_000);
        all.push(got);
        length += got.length;
        lines = perl(['follow', op, 'me', length, 50_000, 20, 0]);
        assert.equal(lines[0], `@${length}`);
      }
      all.push(Buffer.concat(lines.filter((line) => !/^[@.]/.test(line)).map((line) => Buffer.from(line, 'base64'))));
      let text = 0;
      const reader = new LogReader((told) => (text += told.kind === 'output' ? told.bytes.length : 0));
      reader.take(0, Buffer.concat(all));
      assert.equal(text, 200_000);
    });

    it('takes input, signals and an abort from others while it is followed', () => {
      const op = mintId('op');
      const script = 'trap "echo int" INT; echo up; read x; echo "got $x"; while :; do sleep 0.05; done';
      const idle = perl(['go', op, 'me', 0, 700_000, 20, 20], spec(script, { input: true }));
      assert.equal(idle.at(-1), '.idle');
      const offset = Buffer.alloc(8);
      assert.deepEqual(perl(['ctl', op], record('I', Buffer.concat([offset, Buffer.from('hello\n')]))), ['.ok']);
      assert.deepEqual(
        perl(['ctl', op], record('I', Buffer.concat([offset, Buffer.from('hello\n')]))),
        ['.ok'],
        'sent twice',
      );
      assert.deepEqual(perl(['ctl', op], record('K', 'INT')), ['.ok']);
      assert.deepEqual(perl(['ctl', op], record('Q')), ['.ok']);
      const lines = perl(['follow', op, 'me', 0, 700_000, 20, 0]);
      const text = read(lines)
        .map((one) => (one.kind === 'output' ? Buffer.from(one.bytes).toString() : ''))
        .join('');
      assert.match(text, /^up\ngot hello\n/);
      assert.deepEqual(ended(lines), { kind: 'stopped', by: 'abort', verified: true });
      assert.deepEqual(perl(['ctl', mintId('op')], record('Q')), ['.none']);
    });

    it('ends a command at its deadline, and what it put into other sessions', () => {
      const script = 'setsid sleep 515151 & trap "" TERM; sleep 515152';
      assert.deepEqual(ended(go(mintId('op'), spec(script, { deadlineMs: 300 }))), {
        kind: 'stopped',
        by: 'deadline',
        verified: true,
      });
      assert.equal(spawnSync('pgrep', ['-f', '^sleep 51515[12]']).status, 1);
    });

    it('says why a command cannot be started', () => {
      const absent = ended(go(mintId('op'), spec('true', { cwd: '/no/such' })));
      assert.deepEqual(absent, { kind: 'refused', why: 'There is no folder /no/such' });
      const program = ended(go(mintId('op'), spec('true', { argv: ['no-such-program'] })));
      assert.equal(program?.kind, 'refused');
    });

    it('gathers a long command in pieces that may come twice', () => {
      const op = mintId('op');
      const bytes = Buffer.from(spec(`echo ${'x'.repeat(20_000)} | wc -c`));
      for (let at = 0; at < bytes.length; at += 7000) {
        for (let time = 0; time < 2; time += 1) {
          assert.deepEqual(perl(['part', op, at], bytes.subarray(at, at + 7000)), ['.ok']);
        }
      }
      assert.deepEqual(perl(['part', op, 5], Buffer.from('x')), ['.failed']);
      const out = read(perl(['go', op, 'me', 0, 700_000, 20, 0])).find((one) => one.kind === 'output');
      assert.equal(
        Buffer.from(out?.bytes ?? [])
          .toString()
          .trim(),
        '20001',
      );
    });

    it('never begins what was called off before', () => {
      const op = mintId('op');
      assert.deepEqual(perl(['void', op]), ['.void']);
      assert.deepEqual(perl(['void', op]), ['.dup']);
      assert.deepEqual(go(op, spec('echo ran')), ['.dup']);
      assert.deepEqual(ended(perl(['follow', op, 'me', 0, 1000, 5, 0])), { kind: 'void' });
    });

    it('shuts the computer down when nobody gives a sign of life, and not before', async () => {
      const bin = join(folder, 'bin');
      mkdirSync(bin);
      const said = join(folder, 'off');
      for (const name of ['systemctl', 'poweroff', 'shutdown', 'halt', 'sudo']) {
        writeFileSync(join(bin, name), `#!/bin/sh\necho "$0 $@" >>${said}\n`);
        chmodSync(join(bin, name), 0o755);
      }
      environment = { ...environment, PATH: `${bin}:${process.env['PATH'] ?? ''}` };
      assert.deepEqual(perl(['watch', 3]), ['.ok']);
      for (let at = 0; at < 10; at += 1) {
        await new Promise((resolve) => setTimeout(resolve, 400));
        perl(['seen']);
        assert.equal(existsSync(said), false, 'somebody was there');
      }
      while (!existsSync(said)) await new Promise((resolve) => setTimeout(resolve, 50));
      assert.match(readFileSync(said, 'utf8'), /systemctl poweroff/);
      const daemon = readFileSync(join(folder, 'watch'), 'utf8');
      assert.deepEqual(perl(['watch', 0]), ['.ok']);
      const lives = () => existsSync(`/proc/${daemon}/cmdline`) && readFileSync(`/proc/${daemon}/cmdline`).length > 0;
      while (lives()) await new Promise((resolve) => setTimeout(resolve, 20));
    });
  });
}

describe('the program inside as Perl reads it', () => {
  for (const part of ['sub seen {', 'sub begin {', 'sub follow {', 'sub ctl {', 'sub members {', 'sub mux {']) {
    it(`refuses a variable that nobody declared: ${part}`, function () {
      if (!hasPerl) skipBecause(this, 'there is no Perl on a Linux here');
      assert.ok(relaySource.includes(part));
      const wrong = relaySource.replace(part, `${part} $undeclared = 1;`);
      const { status, stderr } = spawnSync('perl', ['-', 'mux', 'one'], { input: wrong });
      assert.notEqual(status, 0);
      assert.match(stderr.toString(), /Global symbol "\$undeclared" requires/);
    });
  }
});

describe('the program inside over a terminal', () => {
  it('leaves when what comes is damaged', async function () {
    if (!hasPerl) skipBecause(this, 'there is no Perl on a Linux here');
    const folder = mkdtempSync(join(tmpdir(), 'airlock-relay-'));
    try {
      writeFileSync(join(folder, 'relay.pl'), relaySource);
      const child = spawn('perl', [join(folder, 'relay.pl'), 'mux', 'one'], { stdio: ['pipe', 'pipe', 'ignore'] });
      child.stdout.resume();
      child.stdin.write('raw\nnothing like the probe\nAIRLOCK-PROBED\n');
      child.stdin.write(`${Buffer.from('d\0\0\0\x01\0\0\0\x63damaged').toString('base64')}\n`);
      const code = await new Promise((resolve) => child.once('exit', resolve));
      assert.equal(code, 3);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
