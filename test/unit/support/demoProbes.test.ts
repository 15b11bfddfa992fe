import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { repository } from '../../support/commands/places.mjs';
import { skipBecause } from '../../support/commands/results.ts';

/** Starts the demo on a machine whose bubblewrap says no in the given words. */
function demoWhereBubblewrapSays(folder: string, words: string) {
  writeFileSync(`${folder}/bwrap`, `#!/bin/sh\necho "bwrap: ${words}" >&2\nexit 1\n`);
  chmodSync(`${folder}/bwrap`, 0o755);
  const env = { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` };
  return spawnSync(process.execPath, [`${repository}/test/support/commands/demo.mjs`], { env, encoding: 'utf8' });
}

describe('the demo on a machine without a sandbox', () => {
  let folder: string;
  before(function () {
    folder = mkdtempSync(`${tmpdir()}/airlock-probes-`);
    if (process.platform !== 'linux') skipBecause(this, 'bubblewrap is for Linux');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const refusals: Readonly<Record<string, RegExp>> = {
    'setting up uid map: Permission denied': /AppArmor blocks[^]*bwrap-userns-restrict/,
    'loopback: Failed RTM_NEWADDR: Operation not permitted': /AppArmor blocks[^]*bwrap-userns-restrict/,
    'Creating new namespace failed: nesting depth or /proc/sys/user/max_*_namespaces exceeded (ENOSPC)':
      /switched off[^]*sysctl -w user\.max_user_namespaces/,
    "Can't mount proc on /newroot/proc: Operation not permitted": /this container forbids[^]*seccomp=unconfined/,
    'something new': /bubblewrap fails: bwrap: something new/,
  };
  for (const [words, answer] of Object.entries(refusals)) {
    it(`says what to do about "${words}", and fetches nothing`, () => {
      const run = demoWhereBubblewrapSays(folder, words);
      assert.equal(run.status, 2);
      assert.match(run.stdout, answer);
      assert.doesNotMatch(run.stdout, /Fetching|Installing/);
    });
  }
});
