import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import type { Machine, Ran } from '../../../../src/core/machine.ts';
import { AirlockError } from '../../../../src/core/problem.ts';
import { thisMachine } from '../../../../src/host/spawn.ts';
import { bwrapFeatures } from '../../../../src/sandbox/process/bwrap.ts';
import { bwrapArguments, limited, pathInside } from '../../../../src/sandbox/process/bwrapArguments.ts';
import { limitsNotInForce } from '../../../../src/sandbox/process/inside/limits.ts';
import { OutputQueue } from '../../../../src/sandbox/common/outputQueue.ts';
import { installProgram, reachable } from '../../../../src/sandbox/process/place.ts';
import { seatbeltProfile } from '../../../../src/sandbox/process/seatbelt.ts';
import { settingsSchema } from '../../../../src/sandbox/process/settings.ts';
import { folderIn, stateOf } from '../../../../src/sandbox/process/state.ts';

const limits = { memoryMb: 512, maxProcesses: 100, maxFileMb: 10, maxOpenFiles: 256 };

describe('settings', () => {
  it('have defaults, and refuse wrong values under their name', () => {
    assert.equal(settingsSchema.parse({}).keepAliveMinutes, 10);
    const wrong = settingsSchema.safeParse({ memoryMb: 12 });
    assert.deepEqual(wrong.error?.issues[0]?.path, ['memoryMb']);
    assert.equal(settingsSchema.safeParse({ maxProcesses: 1.5 }).success, false);
  });
});

describe('the argument list', () => {
  const confinement = {
    features: new Set(['--disable-userns']),
    etc: '/s/etc',
    home: '/s/home',
    workspace: '/s/ws',
    control: '/s/ctl',
    readOnly: [{ from: '/opt/tool', to: '/opt/tool' }],
    hidden: ['/opt/tool/var'],
    pathFirst: ['/opt/tool/bin'],
    env: {},
  };

  it('clears the environment and makes every namespace its own', async () => {
    const args = await bwrapArguments(confinement);
    for (const option of ['user', 'ipc', 'pid', 'uts', 'net']) assert.ok(args.includes(`--unshare-${option}`));
    for (const option of ['--clearenv', '--die-with-parent', '--new-session', '--disable-userns']) {
      assert.ok(args.includes(option));
    }
    assert.ok(!args.includes('--share-net'));
  });

  it('leaves out what an older bubblewrap does not know', async () => {
    assert.ok(!(await bwrapArguments({ ...confinement, features: new Set() })).includes('--disable-userns'));
  });

  it('binds writable only what is the session’s own, and locks the rest last', async () => {
    const args = await bwrapArguments(confinement);
    const writable = args.flatMap((arg, at) => (arg === '--bind' ? [args[at + 1]] : []));
    assert.deepEqual(writable, ['/s/home', '/s/ws', '/s/ctl']);
    const locked = args.indexOf('/run/airlock', args.lastIndexOf('--ro-bind')) - 1;
    assert.ok(locked > args.lastIndexOf('--ro-bind') && locked > args.lastIndexOf('--tmpfs'));
  });

  it('shows a hidden folder empty and unwritable, over what it lies in', async () => {
    const args = await bwrapArguments(confinement);
    const shown = args.lastIndexOf('/opt/tool');
    assert.deepEqual(args.slice(shown + 1, shown + 9), [
      ...['--perms', '0555', '--size', '4096', '--tmpfs', '/opt/tool/var'],
      ...['--remount-ro', '/opt/tool/var'],
    ]);
  });

  it('puts tool chains first in PATH and the editor’s runtime last', () => {
    const path = pathInside(['/opt/tool/bin']).split(':');
    assert.deepEqual([path[0], path.at(-1)], ['/opt/tool/bin', '/run/airlock/bin']);
  });

  it('joins limits so that none can be passed over', () => {
    const script = limited(limits, ['true'])[2] ?? '';
    assert.doesNotMatch(script.replace(/\{[^}]*\}/, ''), /;|\|\|/);
    assert.match(script, /&& exec "\$@"$/);
  });
});

describe('what a bubblewrap knows', () => {
  const answering = (ran: Partial<Ran>): Machine => {
    const nothing = { code: undefined, signal: undefined, stdout: new Uint8Array(), stderr: new Uint8Array() };
    return { ...thisMachine(), run: () => Promise.resolve({ ...nothing, ...ran }) };
  };
  const help = Buffer.from('usage: bwrap\n\n    --help        Print\n    --disable-userns    Disable\n');

  it('is read from its help', async () => {
    const features = await bwrapFeatures(answering({ code: 0, stdout: help }), '/usr/bin/bwrap');
    assert.deepEqual([...features], ['--help', '--disable-userns']);
  });

  it('is never guessed: without a whole answer nothing starts', async () => {
    for (const ran of [{ endedBy: 'timeout' }, { code: 1, stdout: help }, { endedBy: 'spawn-error' }] as const) {
      await assert.rejects(
        bwrapFeatures(answering(ran), '/usr/bin/bwrap'),
        (error: unknown) => error instanceof AirlockError && error.problem.id === 'sandbox-start-failed',
      );
    }
  });
});

describe('limits read back', () => {
  const table = (data: string, processes: string) =>
    [
      'Max core file size        0                    0                    bytes     ',
      `Max data size             ${data}            ${data}            bytes     `,
      `Max processes             ${processes}                 ${processes}                 processes `,
      'Max file size             10485760             10485760             bytes     ',
      'Max open files            256                  256                  files     ',
    ].join('\n');

  it('accepts what was asked for', () => {
    assert.equal(
      limitsNotInForce(limits, () => table('536870912', '100')),
      undefined,
    );
  });

  it('names the first that is missing or wider', () => {
    assert.equal(
      limitsNotInForce(limits, () => table('unlimited', '100')),
      'Max data size',
    );
    assert.equal(
      limitsNotInForce(limits, () => table('536870912', '96365')),
      'Max processes',
    );
    assert.equal(
      limitsNotInForce(limits, () => ''),
      'Max core file size',
    );
  });
});

describe('a session’s state', () => {
  const place = { root: '/p', sessions: '/p/sessions' };
  it('finds its own folder and nothing else', () => {
    assert.equal(folderIn(stateOf('/p/sessions/0123456789abcdef', undefined), place), '/p/sessions/0123456789abcdef');
    for (const folder of ['/p/sessions/..', '/etc', '/p/sessions/0123456789abcdef/ws', '/p/sessions/x']) {
      assert.equal(folderIn(stateOf(folder, undefined), place), undefined, folder);
    }
    assert.equal(
      folderIn({ provider: 'other', version: 1, data: { folder: '/p/sessions/0123456789abcdef' } }, place),
      undefined,
    );
  });
});

describe('the Seatbelt profile', () => {
  const profile = seatbeltProfile({
    writable: ['/private/s/ws'],
    readable: ['/private/t "x"'],
    hidden: ['/private/t/etc'],
  });

  it('denies by default and writes only to the session’s own folders', () => {
    assert.match(profile, /^\(version 1\)\n\(deny default\)\n/);
    assert.deepEqual(profile.match(/\(allow file-write\* [^\n]*/g), ['(allow file-write* (subpath "/private/s/ws"))']);
    assert.match(profile, /\(subpath "\/private\/t \\"x\\""\)/);
  });

  it('takes back what is hidden within what is readable', () => {
    const [allowed, denied] = [profile.indexOf('(allow file-read* '), profile.indexOf('(deny file-read* ')];
    assert.ok(allowed > 0 && denied > allowed);
    assert.match(profile.slice(denied), /^\(deny file-read\* \(subpath "\/private\/t\/etc"\)\)/);
  });

  it('reaches no network but loopback, named by the remote side', () => {
    assert.deepEqual(profile.match(/\(allow network-outbound[^\n]*/g), [
      '(allow network-outbound (remote ip "localhost:*"))',
    ]);
    assert.doesNotMatch(profile, /mDNSResponder|trustd|securityd|launchservices|appleevents/i);
  });

  it('lets terminals work', () => {
    assert.match(profile, /\(allow pseudo-tty\)/);
    assert.match(profile, /file-ioctl \(literal "\/dev\/ptmx"\)/);
  });
});

describe('a program that outlives the extension', () => {
  it('is copied under the hash of its bytes', async () => {
    const root = mkdtempSync(join(tmpdir(), 'airlock-place-'));
    try {
      const place = { root, sessions: join(root, 'sessions') };
      const source = join(root, 'keeper.cjs');
      writeFileSync(source, 'one');
      const first = await installProgram(place, source, 0o644);
      assert.equal(await installProgram(place, source, 0o644), first);
      writeFileSync(source, 'two');
      assert.notEqual(await installProgram(place, source, 0o644), first);
      assert.equal(statSync(first).mode & 0o777, 0o644);
      chmodSync(root, 0o700);
      assert.equal(await reachable(first), false);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});

describe('the queue between a connection and its reader', () => {
  it('holds the connection back while nobody reads, and lets it go on afterwards', async () => {
    const calls: string[] = [];
    const queue = new OutputQueue({ pause: () => calls.push('pause'), resume: () => calls.push('resume') });
    for (let at = 0; at < 20; at++) queue.push({ bytes: new Uint8Array(100_000) });
    assert.deepEqual(calls, ['pause']);
    queue.end();
    let bytes = 0;
    for await (const item of queue) bytes += item.bytes.length;
    assert.equal(bytes, 2_000_000);
    assert.deepEqual(calls, ['pause', 'resume']);
  });

  it('lets the command go on when its reader leaves', async () => {
    const calls: string[] = [];
    const queue = new OutputQueue({ pause: () => calls.push('pause'), resume: () => calls.push('resume') });
    for (let at = 0; at < 20; at++) queue.push({ bytes: new Uint8Array(100_000) });
    for await (const _item of queue) break;
    queue.push({ bytes: new Uint8Array(5_000_000) });
    assert.deepEqual(calls, ['pause', 'resume']);
  });
});
