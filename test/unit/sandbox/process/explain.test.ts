import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { findBwrap } from '../../../../src/sandbox/process/bwrap.ts';
import { explain, type Surroundings } from '../../../../src/sandbox/process/classify.ts';

const plain: Surroundings = { container: false, wsl1: false, confinedEditor: false, settings: {} };

describe('why a sandbox does not start', () => {
  const cases: readonly [string, string, Partial<Surroundings>, RegExp, RegExp?][] = [
    [
      'Ubuntu',
      'bwrap: setting up uid map: Permission denied',
      { settings: { apparmor_restrict_unprivileged_userns: '1' } },
      /Ubuntu/,
      /bwrap-userns-restrict/,
    ],
    [
      'Ubuntu, later',
      'bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted',
      { settings: { apparmor_restrict_unprivileged_userns: '1' } },
      /Ubuntu/,
      /bwrap-userns-restrict/,
    ],
    [
      'a switch',
      'bwrap: No permissions to create new namespace',
      { settings: { unprivileged_userns_clone: '0' } },
      /are off/,
      /unprivileged_userns_clone=1/,
    ],
    [
      'a count',
      'bwrap: Creating new namespace failed: nesting depth or /proc/sys/user/max_*_namespaces exceeded (ENOSPC)',
      {},
      /are off/,
      /max_user_namespaces/,
    ],
    [
      'a container',
      'bwrap: No permissions to create new namespace, likely because the kernel does not allow it',
      { container: true },
      /container.* seccomp=unconfined /,
    ],
    [
      'a masked /proc',
      "bwrap: Can't mount proc on /newroot/proc: Operation not permitted",
      { container: true },
      /container.* systempaths=unconfined /,
    ],
    ['WSL 1', 'bwrap: Creating new namespace failed: Invalid argument', { wsl1: true }, /WSL 1.*--set-version/],
  ];
  for (const [name, said, around, sentence, fix] of cases) {
    it(`explains ${name} by one sentence and one fix`, () => {
      const found = explain(said, { ...plain, ...around });
      assert.equal(found.id, 'sandbox-unavailable');
      assert.match(found.detail, sentence);
      if (fix === undefined) assert.equal(found.fixCommand, undefined);
      else assert.match(found.fixCommand ?? '', fix);
      assert.equal(found.fix, fix === undefined ? 'show-setup' : 'show-command');
    });
  }

  it('explains a confined editor without a command', () => {
    const found = explain('bwrap: Permission denied', { ...plain, confinedEditor: true });
    assert.match(found.detail, /Snap or Flatpak/);
  });

  it('says what it does not know, cleaned for showing', () => {
    const found = explain('first\nodd \u001b[31mthing', plain);
    assert.equal(found.id, 'sandbox-start-failed');
    assert.match(found.detail, /odd \?\[31mthing$/);
  });
});

describe('finding bubblewrap', () => {
  it('refuses a setuid one and asks for one that is missing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'airlock-bwrap-'));
    try {
      const missing = await findBwrap([folder]);
      assert.equal(!missing.ok && missing.problem.fix, 'show-command');
      writeFileSync(join(folder, 'bwrap'), '#!/bin/sh\n');
      chmodSync(join(folder, 'bwrap'), 0o755);
      assert.deepEqual(await findBwrap([folder]), { ok: true, program: join(folder, 'bwrap') });
      chmodSync(join(folder, 'bwrap'), 0o4755);
      const setuid = await findBwrap([folder]);
      assert.match(setuid.ok ? '' : setuid.problem.detail, /setuid/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
