import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mintId } from '../../../../src/shared/ids.ts';
import { record, specBytes, type JobSpec } from '../../../../src/sandbox/relay/job/records.ts';
import { eventually } from '../../../support/vscode/eventually.ts';
import { endIn, inEachLanguage, InstalledRelay, outputIn } from '../../../support/relay/installed.ts';

const spec = (argv: readonly string[], more: Partial<JobSpec> = {}) =>
  specBytes({ argv, cwd: '/', env: {}, keep: false, input: false, ...more }) ?? assert.fail();

/** Fields as a spec joins them, which need not be text. */
const rawSpec = (...fields: readonly string[]) => Buffer.from(fields.join('\0'), 'latin1');

/** What a command finds in the end is the same in every language that begins it. */
describe('a command that the program inside begins', () => {
  inEachLanguage((language) => {
    let installed: InstalledRelay;
    before(function () {
      InstalledRelay.skipUnlessThere(this, language);
    });
    beforeEach(() => (installed = new InstalledRelay(language)));
    afterEach(() => installed.remove());

    const go = (bytes: Uint8Array, op: string = mintId('op')) =>
      installed.run(['go', op, 'me', 0, 700_000, 20, 0], bytes);
    const shell = (script: string, more: Partial<JobSpec> = {}) => go(spec(['sh', '-c', script], more));

    /** Runs a spec on streams of its own; how it ended is asked for afterwards, as the extension does. */
    const direct = async (bytes: Uint8Array, input: Uint8Array) => {
      const op = mintId('op');
      const child = installed.start(['direct', op]);
      const said: Record<'stdout' | 'stderr', Uint8Array[]> = { stdout: [], stderr: [] };
      for (const name of ['stdout', 'stderr'] as const) {
        child[name].on('data', (piece: Uint8Array) => said[name].push(piece));
      }
      const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      child.stdin.end(Buffer.concat([length, bytes, input]));
      await closed;
      const end = endIn(installed.run(['follow', op, 'me', 0, 1000, 5, 0]));
      return { out: Buffer.concat(said.stdout), err: Buffer.concat(said.stderr), end };
    };

    /** What only a language does that can do without streams of its own. */
    const onOthersStreams = (title: string, test: () => Promise<void>) => {
      if (language.carries) it(title, test);
    };

    it('has its folder, its variables and its arguments byte for byte', () => {
      const folder = Buffer.concat([Buffer.from(`${installed.folder}/`), Buffer.from([0xff, 0xc3, 0x28, 0x0a])]);
      mkdirSync(folder);
      const script = 'pwd; printf "%s|" "$V" "$@"';
      const fields = ['', '', '', folder.toString('latin1'), '2', 'V=\xfe=\n', 'NONE', 'sh', '-c', script, 'sh'];
      const lines = go(rawSpec(...fields, '\xff', '', '\xe2\x82', 'a\nb'));
      const expected = Buffer.concat([folder, Buffer.from('\n\xfe=\n|\xff||\xe2\x82|a\nb|', 'latin1')]);
      assert.deepEqual(outputIn(lines).toString('latin1'), expected.toString('latin1'));
      assert.deepEqual(endIn(lines), { kind: 'exited', code: 0 });
    });

    it('has arguments of 200 KB and of no bytes, and is not begun with a part of what is too long', () => {
      const counting = ['sh', '-c', 'echo "$#"; for one; do echo "${#one}"; done', 'sh'];
      const lines = go(spec([...counting, 'x'.repeat(120_000), '', 'y'.repeat(80_000), '']));
      assert.equal(outputIn(lines).toString(), '4\n120000\n0\n80000\n0\n');
      for (const tooLong of [['x'.repeat(140_000)], Array.from({ length: 40 }, () => 'x'.repeat(100_000))]) {
        assert.deepEqual(endIn(go(spec([...counting, ...tooLong]))), {
          kind: 'refused',
          why: 'Argument list too long',
        });
      }
    });

    it('finds the environment that was noted, what it was given over it, and nothing of the program', () => {
      const noted = 'PATH=/usr/bin:/bin\0HOME=/home/x\0EMPTY=\0=odd\0noise\0LINES2=a\nb\0';
      writeFileSync(join(installed.folder, 'env'), noted);
      installed.environment = { ...installed.environment, LEAK: 'yes', PYTHONPATH: '/nowhere' };
      const lines = go(spec(['env', '-0'], { env: { HOME: '/root' } }), 'op-0123456789abcdef0123');
      assert.deepEqual(outputIn(lines).toString().split('\0').filter(Boolean).sort(), [
        'AIRLOCK_JOB=op-0123456789abcdef0123',
        'EMPTY=',
        'HOME=/root',
        'LINES2=a\nb',
        'PATH=/usr/bin:/bin',
        'PWD=/',
      ]);
    });

    it('begins with no signal ignored or held back, the usual mask, its three streams and a session of its own', () => {
      const open = 'for f in /proc/$$/fd/*; do [ ! -e "$f" ] || printf "%s " "${f##*/}"; done; echo';
      const session = `sed 's/.*) //' /proc/$$/stat | cut -d' ' -f4; echo $$`;
      const lines = shell(`grep -E '^Sig(Blk|Ign)' /proc/self/status; umask; ${open}; ${session}`);
      const [blocked, ignored, mask, streams, sid, pid] = outputIn(lines).toString().split('\n');
      const usual = spawnSync('sh', ['-c', open]).stdout.toString().trimEnd();
      const none = '0000000000000000';
      assert.deepEqual(
        [blocked, ignored, mask, streams?.trimEnd()],
        [`SigBlk:\t${none}`, `SigIgn:\t${none}`, '0022', usual],
      );
      assert.equal(sid, pid);
    });

    it('ends a pipe as it does in a shell', () => {
      const lines = shell('{ yes; echo "yes: $?" >&2; } | head -c 4');
      assert.equal(outputIn(lines).toString(), 'y\ny\n');
      assert.equal(outputIn(lines, 2).toString(), 'yes: 141\n');
    });

    it('is looked for in its own PATH, and a text without a first line is one for the shell', () => {
      const put = (name: string, text: string, mode: number) => {
        mkdirSync(join(installed.folder, name.split('/')[0] ?? ''), { recursive: true });
        writeFileSync(join(installed.folder, name), text);
        chmodSync(join(installed.folder, name), mode);
      };
      put('first/plain', 'echo not this', 0o644);
      put('second/plain', 'echo "$0" "$@"', 0o755);
      put('second/locked', 'echo never', 0o644);
      const PATH = `${installed.folder}/first:${installed.folder}/second:/usr/bin:/bin`;
      const started = (program: string, path = PATH) => go(spec([program, 'a', 'b c'], { env: { PATH: path } }));
      assert.equal(outputIn(started('plain')).toString(), `${installed.folder}/second/plain a b c\n`);
      assert.deepEqual(endIn(started('locked')), { kind: 'refused', why: 'Permission denied' });
      assert.deepEqual(endIn(started('/usr/bin')), { kind: 'refused', why: 'Permission denied' });
      assert.deepEqual(endIn(started('absent')), { kind: 'refused', why: 'No such file or directory' });
      assert.deepEqual(endIn(started('env/x')), { kind: 'refused', why: 'No such file or directory' });
      assert.deepEqual(endIn(started('env', '/nowhere')), { kind: 'refused', why: 'No such file or directory' });
    });

    it('says why a folder cannot be entered, whatever its bytes', () => {
      const lines = go(rawSpec('', '', '', '/no\xff', '0', 'true'));
      assert.deepEqual(endIn(lines), { kind: 'refused', why: 'There is no folder /no?' });
    });

    it('reads nothing where it is given no input, and the end at once of an input of no bytes', () => {
      const fromNothing = shell('readlink /proc/self/fd/0; cat; echo over');
      assert.equal(outputIn(fromNothing).toString(), '/dev/null\nover\n');
      const op = mintId('op');
      const bytes = spec(['sh', '-c', '[ ! -p /proc/self/fd/0 ] || echo pipe:; cat; echo over'], { input: true });
      installed.run(['go', op, 'me', 0, 700_000, 20, 20], bytes);
      assert.deepEqual(installed.run(['ctl', op], record('Z', '0')), ['.ok']);
      assert.equal(outputIn(installed.run(['follow', op, 'me', 0, 700_000, 20, 0])).toString(), 'pipe:\nover\n');
    });

    onOthersStreams('reads nothing from the streams of another, and all of them, as it was asked', async () => {
      for (const [input, expected] of [
        [false, '/dev/null\n'],
        [true, 'pipe:\n'],
      ] as const) {
        const first = 'readlink /proc/self/fd/0 | sed "s/socket:.*/pipe:/; s/pipe:.*/pipe:/"; cat';
        const { out, end } = await direct(spec(['sh', '-c', first], { input }), Buffer.alloc(0));
        assert.deepEqual([out.toString(), end], [expected, { kind: 'exited', code: 0 }]);
      }
    });

    onOthersStreams('has the very streams of the program where much is to pass', async () => {
      const everything = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7) & 255));
      const { out, err, end } = await direct(
        spec(['sh', '-c', 'cat; printf "\\376" >&2; exit 7'], { input: true }),
        everything,
      );
      assert.ok(out.equals(everything));
      assert.deepEqual([...err], [0xfe]);
      assert.deepEqual(end, { kind: 'exited', code: 7 });
      const killed = await direct(spec(['sh', '-c', 'kill -9 $$']), Buffer.alloc(0));
      assert.deepEqual(killed.end, { kind: 'signaled', signal: 'SIGKILL' });
      const absent = await direct(spec(['no-such-program']), Buffer.alloc(0));
      assert.deepEqual(absent.end, { kind: 'refused', why: 'No such file or directory' });
    });

    onOthersStreams('leaves a terminal that is hung up once it has ended, though what it began lives on', async () => {
      const heard = join(installed.folder, 'heard');
      const begun = `(trap "" HUP; cat </dev/tty >/dev/null 2>&1; echo "$?" >${heard}) & sleep 0.2; exit 3`;
      const lines = shell(begun, { input: { cols: 80, rows: 24 } });
      assert.deepEqual(endIn(lines), { kind: 'exited', code: 3 });
      await eventually(
        () => Promise.resolve(existsSync(heard) || undefined),
        'what read from the terminal to come to its end',
      );
    });

    it('is told of also while its output never rests', () => {
      const busily = spec(['sh', '-c', 'for i in $(seq 400); do echo on; sleep 0.01; done']);
      for (const [seconds, quiet] of [
        [20, 5],
        [1, 0],
      ] as const) {
        const lines = installed.run(['go', mintId('op'), 'me', 0, 700_000, seconds, quiet], busily);
        assert.match(outputIn(lines).toString(), /^on\n/);
        assert.equal(lines.at(-1), '.idle');
      }
    });

    if (!language.carries) {
      it('is ended with what holds it where their folder was removed', async () => {
        const noise = 'while :; do echo on; sleep 0.1; done';
        const lines = installed.run(
          ['go', mintId('op'), 'me', 0, 700_000, 1, 5],
          spec(['sh', '-c', noise, installed.folder], { keep: true, input: true }),
        );
        assert.match(outputIn(lines).toString(), /^on/);
        const ours = () => spawnSync('pgrep', ['-f', installed.folder]).stdout.toString();
        assert.notEqual(ours(), '');
        rmSync(join(installed.folder, 'j'), { recursive: true });
        await eventually(() => Promise.resolve(ours() === '' || undefined), 'the end of all that is ours');
      });
    }

    it('leaves nothing but its end behind', async () => {
      const op = mintId('op');
      go(spec(['true']), op);
      // Where it can be asked for what was not heard yet: at a socket, or in files.
      const kept = language.carries ? 'end,s' : 'end,l';
      const left = () =>
        readdirSync(join(installed.folder, 'j', op))
          .sort()
          .join();
      await eventually(() => Promise.resolve(left() === kept || undefined), 'nothing but its end');
      assert.deepEqual(readdirSync(installed.folder).sort(), ['env', 'j', language.file, 'seen'].sort());
    });
  });
});
