import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { mayBeShown } from '../../../../src/sandbox/process/chains.ts';
import { offersFor } from '../../../../src/sandbox/process/toolchains.ts';

describe('tool chains', () => {
  it('are offered narrowly, without the tokens that lie beside them', async () => {
    assert.deepEqual(await offersFor('/home/u/.nvm/versions/node/v22.1.0/bin', '/home/u'), [
      {
        name: 'Node (nvm)',
        folder: '/home/u/.nvm/versions/node/v22.1.0',
        bin: '/home/u/.nvm/versions/node/v22.1.0/bin',
      },
    ]);
    assert.deepEqual(await offersFor('/usr/bin', '/home/u'), []);
    assert.deepEqual(await offersFor('/home/u/project/node_modules/.bin', '/home/u'), []);
  });

  it('offer the chosen versions themselves where PATH names shims', async () => {
    const home = mkdtempSync(join(tmpdir(), 'airlock-home-'));
    try {
      mkdirSync(join(home, '.pyenv/versions/3.12.1/bin'), { recursive: true });
      writeFileSync(join(home, '.pyenv/version'), '3.12.1\n');
      mkdirSync(join(home, '.rustup/toolchains/stable-x/bin'), { recursive: true });
      writeFileSync(join(home, '.rustup/settings.toml'), 'default_toolchain = "stable-x"\n');
      const python = await offersFor(join(home, '.pyenv/shims'), home);
      assert.deepEqual(
        python.map(({ folder }) => folder),
        [join(home, '.pyenv/versions/3.12.1')],
      );
      const rust = await offersFor(join(home, '.cargo/bin'), home);
      assert.deepEqual(
        rust.map(({ folder }) => folder),
        [join(home, '.rustup/toolchains/stable-x')],
      );
    } finally {
      rmSync(home, { recursive: true });
    }
  });

  it('offer of Nix its store alone, and of Homebrew no settings or services', async () => {
    assert.deepEqual(await offersFor('/nix/store/abc-env/bin', '/home/u'), [
      { name: 'Nix', folder: '/nix/store', bin: '/nix/store/abc-env/bin' },
    ]);
    assert.deepEqual(await offersFor('/nix/var/nix/profiles/default/bin', '/home/u'), []);
    const brew = await offersFor('/opt/homebrew/bin', '/home/u');
    assert.deepEqual(
      brew.map(({ folder, bin }) => [folder, bin]),
      ['Cellar', 'opt', 'bin', 'lib', 'share'].map((part) => [`/opt/homebrew/${part}`, '/opt/homebrew/bin']),
    );
    for (const offer of brew) assert.equal(mayBeShown(offer, '/home/u/.config/airlock'), true);
    assert.deepEqual(await offersFor('/opt/x/jdk/bin', '/home/u'), [
      { name: 'Tools in /opt', folder: '/opt/x/jdk', bin: '/opt/x/jdk/bin' },
    ]);
  });

  it('may not be a home, a root or a folder of the sandbox’s own', () => {
    const shown = (folder: string, bin = join(folder, 'bin')) =>
      mayBeShown({ name: '', folder, bin }, '/home/u/.config/airlock');
    assert.equal(shown('/home/u/.nvm/versions/node/v22'), true);
    assert.equal(shown('/opt/tool'), true);
    for (const folder of [
      '/',
      '/home/u',
      '/root',
      '/run/x',
      '/usr/local',
      '/home/u/.config',
      '/opt/../etc',
      'opt/x',
      '/nix',
      '/nix/var/nix',
    ]) {
      assert.equal(shown(folder), false, folder);
    }
    assert.equal(shown('/opt/tool', '/opt/other/bin'), false);
  });
});
