import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { mintId } from '../../../../src/shared/ids.ts';
import { record, specBytes, type JobSpec } from '../../../../src/sandbox/relay/job/records.ts';
import { LogReader } from '../../../../src/sandbox/relay/job/log.ts';
import { type Language, languages, packed } from '../../../../src/sandbox/relay/inside/languages.ts';
import { skipBecause } from '../../../support/commands/results.ts';
import { endIn, inEachThatCarries, InstalledRelay, outputIn } from '../../../support/relay/installed.ts';

const [perl, python, shell] = languages;

interface Kind {
  readonly title: string;
  readonly language: Language | undefined;
  readonly bare?: true;
  /** Program that the shell is. */
  readonly sh?: string;
}

/** The program in each of its languages, where that has fewer modules than usual, and in other shells. */
const kinds: readonly Kind[] = [
  { title: 'in Perl, with its module for base64', language: perl },
  { title: 'in Perl, with what perl-base has', language: perl, bare: true },
  { title: 'in Python', language: python },
  { title: "in the system's shell", language: shell },
  { title: 'in the shell of busybox', language: shell, sh: '/usr/bin/busybox' },
  { title: 'in bash as a shell', language: shell, sh: '/bin/bash' },
];

const spec = (shell: string, more: Partial<JobSpec> = {}) =>
  specBytes({ argv: ['sh', '-c', shell], cwd: '/', env: {}, keep: false, input: false, ...more }) ?? assert.fail();

for (const { title, language = assert.fail(), bare = false, sh } of kinds) {
  describe(`the program inside, ${title}`, function () {
    let installed: InstalledRelay;
    let folder = '';
    before(function () {
      InstalledRelay.skipUnlessThere(this, language);
      if (sh !== undefined && !existsSync(sh)) skipBecause(this, `there is no ${sh}`);
    });
    beforeEach(() => {
      installed = new InstalledRelay(language);
      ({ folder } = installed);
      mkdirSync(join(folder, 'lib/MIME'), { recursive: true });
      writeFileSync(join(folder, 'lib/MIME/Base64.pm'), 'die "not there";');
      if (sh !== undefined) {
        mkdirSync(join(folder, 'sh'));
        symlinkSync(sh, join(folder, 'sh/sh'));
        installed.environment = { PATH: `${join(folder, 'sh')}:${installed.environment['PATH'] ?? ''}` };
      }
      if (bare) installed.environment = { ...installed.environment, PERL5LIB: join(folder, 'lib') };
    });
    afterEach(() => installed.remove());

    const relay: InstalledRelay['run'] = (words, input) => installed.run(words, input);
    const go = (op: string, bytes: Uint8Array) => relay(['go', op, 'me', 0, 700_000, 20, 0], bytes);

    it('packs into two commands of the API', () => {
      assert.equal(gunzipSync(Buffer.from(packed(language), 'base64')).toString(), language.source);
      assert.ok(packed(language).length < 18_000, String(packed(language).length));
    });

    it('tells output and end, again to whoever asks, and begins nothing twice', () => {
      const op = mintId('op');
      const lines = go(op, spec('printf "a\\377\\000"; echo b >&2; exit 9'));
      assert.equal(lines[0], '@0');
      assert.equal(lines.at(-1), '.end');
      assert.deepEqual(outputIn(lines), Buffer.from('a\xff\0', 'latin1'));
      assert.deepEqual(endIn(lines), { kind: 'exited', code: 9 });
      assert.deepEqual(endIn(relay(['follow', op, 'me', 0, 700_000, 20, 0])), { kind: 'exited', code: 9 });
      assert.deepEqual(go(op, spec('echo again')), ['.dup']);
      assert.deepEqual(relay(['follow', mintId('op'), 'me', 0, 1000, 5, 0]), ['.none']);
    });

    it('tells an exit code from the signal that a shell tells by the same number', () => {
      for (const [script, end] of [
        ['kill -INT $$', { kind: 'signaled', signal: 'SIGINT' }],
        ['exit 130', { kind: 'exited', code: 130 }],
        ['kill -PIPE $$', { kind: 'signaled', signal: 'SIGPIPE' }],
        ['exit 141', { kind: 'exited', code: 141 }],
        ['exit 126', { kind: 'exited', code: 126 }],
        ['exit 255', { kind: 'exited', code: 255 }],
      ] as const) {
        assert.deepEqual(endIn(go(mintId('op'), spec(script))), end);
      }
    });

    it('gives a window at a time and goes on where it was', () => {
      const op = mintId('op');
      const first = relay(['go', op, 'me', 0, 50_000, 20, 0], spec('head -c 200000 /dev/zero | tr "\\000" x'));
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
        lines = relay(['follow', op, 'me', length, 50_000, 20, 0]);
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
      const idle = relay(['go', op, 'me', 0, 700_000, 20, 20], spec(script, { input: true }));
      assert.equal(idle.at(-1), '.idle');
      const offset = Buffer.alloc(8);
      assert.deepEqual(relay(['ctl', op], record('I', Buffer.concat([offset, Buffer.from('hello\n')]))), ['.ok']);
      assert.deepEqual(
        relay(['ctl', op], record('I', Buffer.concat([offset, Buffer.from('hello\n')]))),
        ['.ok'],
        'sent twice',
      );
      const soFar = () => outputIn(relay(['follow', op, 'me', 0, 700_000, 20, 20])).toString();
      while (!soFar().includes('got hello'));
      assert.deepEqual(relay(['ctl', op], record('K', 'INT')), ['.ok']);
      assert.deepEqual(relay(['ctl', op], record('Q')), ['.ok']);
      const lines = relay(['follow', op, 'me', 0, 700_000, 20, 0]);
      assert.match(outputIn(lines).toString(), /^up\ngot hello\n/);
      assert.deepEqual(endIn(lines), { kind: 'stopped', by: 'abort', verified: true });
      assert.deepEqual(relay(['ctl', mintId('op')], record('Q')), ['.none']);
    });

    it('ends a command at its deadline, and what it put into other sessions', () => {
      // No other run of this test on this machine counts.
      const [apart, within] = [`51515${process.pid}1`, `51515${process.pid}2`];
      const script = `setsid sleep ${apart} & trap "" TERM; sleep ${within}`;
      assert.deepEqual(endIn(go(mintId('op'), spec(script, { deadlineMs: 300 }))), {
        kind: 'stopped',
        by: 'deadline',
        verified: true,
      });
      assert.equal(spawnSync('pgrep', ['-f', `^sleep 51515${process.pid}[12]$`]).status, 1);
    });

    it('says why a command cannot be started', () => {
      const absent = endIn(go(mintId('op'), spec('true', { cwd: '/no/such' })));
      assert.deepEqual(absent, { kind: 'refused', why: 'There is no folder /no/such' });
      const program = endIn(go(mintId('op'), spec('true', { argv: ['no-such-program'] })));
      assert.equal(program?.kind, 'refused');
    });

    it('gathers a long command in pieces that may come twice', () => {
      const op = mintId('op');
      const bytes = Buffer.from(spec(`echo ${'x'.repeat(20_000)} | wc -c`));
      for (let at = 0; at < bytes.length; at += 7000) {
        for (let time = 0; time < 2; time += 1) {
          assert.deepEqual(relay(['part', op, at], bytes.subarray(at, at + 7000)), ['.ok']);
        }
      }
      assert.deepEqual(relay(['part', op, 5], Buffer.from('x')), ['.failed']);
      const lines = relay(['go', op, 'me', 0, 700_000, 20, 0]);
      assert.equal(outputIn(lines).toString().trim(), '20001');
    });

    it('never begins what was called off before', () => {
      const op = mintId('op');
      assert.deepEqual(relay(['void', op]), ['.void']);
      assert.deepEqual(relay(['void', op]), ['.dup']);
      assert.deepEqual(go(op, spec('echo ran')), ['.dup']);
      assert.deepEqual(endIn(relay(['follow', op, 'me', 0, 1000, 5, 0])), { kind: 'void' });
    });

    // What it does then is the same in every shell, and takes its time.
    const inOneShell = (title: string, test: () => Promise<void>) => {
      if (sh === undefined) it(title, test);
    };

    inOneShell('shuts the computer down when nobody gives a sign of life, and not before', async () => {
      const bin = join(folder, 'bin');
      mkdirSync(bin);
      const said = join(folder, 'off');
      for (const name of ['systemctl', 'poweroff', 'shutdown', 'halt', 'sudo']) {
        writeFileSync(join(bin, name), `#!/bin/sh\necho "$0 $@" >>${said}\n`);
        chmodSync(join(bin, name), 0o755);
      }
      const { environment } = installed;
      installed.environment = { ...environment, PATH: `${bin}:${environment['PATH'] ?? ''}` };
      // Each sign comes much sooner than is waited for one, all of them together take longer.
      assert.deepEqual(relay(['watch', 6]), ['.ok']);
      for (const end = Date.now() + 7000; Date.now() < end;) {
        await new Promise((resolve) => setTimeout(resolve, 400));
        relay(['seen']);
        assert.equal(existsSync(said), false, 'somebody was there');
      }
      while (!existsSync(said)) await new Promise((resolve) => setTimeout(resolve, 50));
      assert.match(readFileSync(said, 'utf8'), /systemctl poweroff/);
      const daemon = readFileSync(join(folder, 'watch'), 'utf8');
      assert.deepEqual(relay(['watch', 0]), ['.ok']);
      const lives = () => existsSync(`/proc/${daemon}/cmdline`) && readFileSync(`/proc/${daemon}/cmdline`).length > 0;
      while (lives()) await new Promise((resolve) => setTimeout(resolve, 20));
    });
  });
}

describe('the program inside as Perl reads it', () => {
  for (const part of ['sub seen {', 'sub begin {', 'sub follow {', 'sub ctl {', 'sub members {', 'sub mux {']) {
    it(`refuses a variable that nobody declared: ${part}`, function () {
      const language = perl ?? assert.fail();
      InstalledRelay.skipUnlessThere(this, language);
      const { source } = language;
      assert.ok(source.includes(part));
      const wrong = source.replace(part, `${part} $undeclared = 1;`);
      const { status, stderr } = spawnSync('perl', ['-', 'mux', 'one'], { input: wrong });
      assert.notEqual(status, 0);
      assert.match(stderr.toString(), /Global symbol "\$undeclared" requires/);
    });
  }
});

describe('the program inside over a terminal', () => {
  inEachThatCarries((language) => {
    it('leaves when what comes is damaged', async function () {
      InstalledRelay.skipUnlessThere(this, language);
      const installed = new InstalledRelay(language);
      try {
        const child = installed.start(['mux', 'one']);
        child.stdout.resume();
        child.stdin.write('raw\nnothing like the probe\nAIRLOCK-PROBED\n');
        child.stdin.write(`${Buffer.from('d\0\0\0\x01\0\0\0\x63damaged').toString('base64')}\n`);
        const code = await new Promise((resolve) => child.once('exit', resolve));
        assert.equal(code, 3);
      } finally {
        installed.remove();
      }
    });
  });
});
