import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { AirlockError } from '../../../src/core/problem.ts';
import { programFolders } from '../../../src/host/environment.ts';
import { thisMachine } from '../../../src/host/spawn.ts';

const machine = thisMachine();
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const sh = (script: string) => ({ program: '/bin/sh', args: ['-c', script] });

describe('the one door through which programs are started', () => {
  it('passes an allow-list of the environment and nothing else', async () => {
    process.env['AIRLOCK_TEST_SECRET'] = 'do-not-pass';
    process.env['AIRLOCK_TEST_NAMED'] = 'pass';
    try {
      const ran = await machine.run({ ...sh('env'), passEnv: ['AIRLOCK_TEST_NAMED'], env: { OWN: 'yes' } });
      const seen = text(ran.stdout);
      assert.match(seen, /^PATH=/m);
      assert.match(seen, /^AIRLOCK_TEST_NAMED=pass$/m);
      assert.match(seen, /^OWN=yes$/m);
      assert.doesNotMatch(seen, /do-not-pass/);
    } finally {
      delete process.env['AIRLOCK_TEST_SECRET'];
      delete process.env['AIRLOCK_TEST_NAMED'];
    }
  });

  it('starts with exactly the given environment where it is told to', async () => {
    const ran = await machine.run({ program: '/usr/bin/env', args: [], cleanEnv: true, env: { ONLY: '1' } });
    assert.equal(text(ran.stdout), 'ONLY=1\n');
  });

  it('keeps exit codes, signals, both streams and binary input apart', async () => {
    const seven = await machine.run(sh('echo out; echo err >&2; exit 7'));
    assert.deepEqual([seven.code, text(seven.stdout), text(seven.stderr)], [7, 'out\n', 'err\n']);
    assert.equal((await machine.run(sh('kill -SEGV $$'))).signal, 'SIGSEGV');
    const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i % 256);
    assert.deepEqual(
      new Uint8Array((await machine.run({ program: '/bin/cat', args: [], stdin: bytes })).stdout),
      bytes,
    );
  });

  it('tells why it ended a program', async () => {
    const late = await machine.run({ ...sh('exec sleep 60'), timeoutMs: 20 });
    assert.deepEqual([late.endedBy, late.signal], ['timeout', 'SIGTERM']);
    assert.equal((await machine.run({ ...sh('exec sleep 60'), signal: AbortSignal.abort() })).endedBy, 'abort');
    const loud = await machine.run({ ...sh('exec cat /dev/zero'), maxOutputBytes: 1000 });
    assert.deepEqual([loud.endedBy, loud.stdout.length], ['output-limit', 1000]);
    assert.equal((await machine.run({ program: '/nowhere/at/all', args: [] })).endedBy, 'spawn-error');
  });

  it('hands over extra descriptors in both directions', async () => {
    const child = await machine.start({ ...sh('cat <&3 >&4'), fds: [Buffer.from('through'), 'pipe'] });
    const parts: Uint8Array[] = [];
    for await (const bytes of child.pipes.get(4) ?? []) parts.push(bytes);
    assert.equal(text(Buffer.concat(parts)), 'through');
    assert.equal((await child.exited).code, 0);
  });

  it('refuses what cannot be started', async () => {
    await assert.rejects(machine.start({ program: '/nowhere/at/all', args: [] }), AirlockError);
    await assert.rejects(machine.start({ program: '/bin/true', args: ['a\0b'] }), AirlockError);
  });

  it('finds programs in absolute folders only, and never in a banned one', async () => {
    assert.deepEqual(programFolders('.:bin:/usr/bin::/bin:/usr/bin'), ['/usr/bin', '/bin']);
    const folder = await mkdtemp(join(tmpdir(), 'airlock-find-'));
    const path = process.env['PATH'];
    try {
      await writeFile(join(folder, 'airlock-planted'), '#!/bin/sh\n');
      await chmod(join(folder, 'airlock-planted'), 0o755);
      process.env['PATH'] = `${folder}:${path ?? ''}`;
      assert.equal(await machine.find('airlock-planted'), join(folder, 'airlock-planted'));
      assert.equal(await thisMachine({ neverIn: () => [folder] }).find('airlock-planted'), undefined);
      assert.equal(await machine.find('../bin/sh'), undefined);
    } finally {
      process.env['PATH'] = path;
      await rm(folder, { recursive: true });
    }
  });
});
