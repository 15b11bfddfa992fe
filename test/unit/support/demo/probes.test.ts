import assert from 'node:assert/strict';
import { probe } from '../../../support/commands/demo/probes.mjs';
import { repository } from '../../../support/commands/places.mjs';
import { machineWith } from './machine.ts';

/** The answer of one probe of a machine. */
function answer(name: string, different: Parameters<typeof machineWith>[0] = {}, headless = false) {
  const found = probe(machineWith(different), headless).find((one) => one.name === name);
  assert.ok(found, name);
  return found;
}

/** The exact fix of a probe that says no. */
function fixOf(...args: Parameters<typeof answer>): string | undefined {
  const { ok, fix } = answer(...args);
  assert.equal(ok, false);
  return fix;
}

describe('the probes of the demo', () => {
  it('are all well on a machine that has everything, without asking the network', () => {
    for (const headless of [true, false]) {
      const answers = probe(machineWith(), headless);
      assert.deepEqual(
        answers.map(({ name, ok }) => [name, ok]),
        ['sandbox', 'git', 'display', 'disk', 'network'].map((name) => [name, true]),
      );
    }
    assert.equal(answer('network').says, 'not needed: everything is here');
  });

  const installers: Readonly<Record<string, string>> = {
    'apt-get': 'sudo apt-get install -y',
    dnf: 'sudo dnf install -y',
    pacman: 'sudo pacman -S --noconfirm',
    zypper: 'sudo zypper install -y',
    apk: 'sudo apk add',
    brew: 'brew install',
  };
  for (const [installer, command] of Object.entries(installers)) {
    it(`tell how ${installer} installs what is missing`, () => {
      const programs = [installer];
      assert.equal(fixOf('sandbox', { programs }), `${command} bubblewrap`);
      assert.equal(fixOf('git', { programs }), `${command} git`);
      assert.equal(fixOf('display', { programs }, true), `${command} chromium`);
    });
  }

  it('leave to apt, on Debian as root, what apt will install', () => {
    const bare = { programs: ['apt-get'], hasApt: true };
    assert.ok(probe(machineWith(bare), true).every(({ ok }) => ok));
    assert.match(answer('sandbox', bare).says, /bubblewrap will be installed by apt/);
    assert.match(answer('display', bare, true).says, /Chromium will be installed by apt/);
    assert.match(answer('network', bare, true).says, /^will be fetched: bwrap .*git .*Chromium \(412 MB on disk\)/);
  });

  it('know user namespaces that are forbidden, and which of two fixes helps', () => {
    const tryBubblewrap = () => ({ status: 1, stderr: 'bwrap: No permissions to create new namespace' });
    assert.match(fixOf('sandbox', { tryBubblewrap }) ?? '', /--security-opt seccomp=unconfined/);
    const off = (path: string) => (path.endsWith('unprivileged_userns_clone') ? '0' : '');
    const fix = 'sudo sysctl -w kernel.unprivileged_userns_clone=1';
    assert.equal(fixOf('sandbox', { tryBubblewrap, read: off }), fix);
  });

  it('know the first WSL, and Seatbelt that is missing', () => {
    const wsl = (version: string) => ({ read: () => version });
    const fix = 'In Windows: wsl --set-version <distribution> 2';
    assert.equal(fixOf('sandbox', wsl('Linux version 4.4.0-19041-Microsoft')), fix);
    assert.equal(answer('sandbox', wsl('Linux version 5.15.90.1-microsoft-standard-WSL2')).ok, true);
    const noSeatbelt = 'Use a macOS that has /usr/bin/sandbox-exec.';
    assert.equal(fixOf('sandbox', { platform: 'darwin' }), noSeatbelt);
    assert.match(answer('sandbox', { platform: 'darwin', exists: () => true }).says, /Seatbelt \(unproven\)/);
  });

  it('know a name in the environment that leads nowhere', () => {
    assert.equal(fixOf('display', { env: { AIRLOCK_CHROMIUM: '/no' } }, true), 'unset AIRLOCK_CHROMIUM');
    assert.equal(fixOf('display', { env: { AIRLOCK_VSCODE: '/no' } }), 'unset AIRLOCK_VSCODE');
  });

  it("take npm's Chromium only where it runs", () => {
    const programs = ['git', 'bwrap'];
    const exists = (path: string) => path.endsWith('/libnss3.so');
    assert.equal(answer('display', { programs, exists }, true).ok, true);
    assert.equal(answer('display', { programs, exists, arch: 'arm64' }, true).ok, false);
    assert.equal(answer('display', { programs }, true).ok, false);
  });

  it('say how much disk is missing, by what this run would fetch', () => {
    assert.equal(answer('disk', { freeMegabytes: 500 }).ok, true);
    assert.equal(fixOf('disk', { freeMegabytes: 499 }), `Free 1 MB on the disk of ${repository}.`);
    const fresh = { missing: ['dependencies', 'editorServer'] as const, npmAnswers: () => true, freeMegabytes: 1_000 };
    assert.equal(fixOf('disk', fresh), `Free 250 MB on the disk of ${repository}.`);
  });

  it('ask the network only for what npm has to bring, and name that', () => {
    const fresh = { missing: ['dependencies', 'editorServer'] as const };
    const { ok, says } = answer('network', { ...fresh, npmAnswers: () => true });
    assert.equal(ok, true);
    assert.match(says, /dependencies \(330 MB on disk\), VS Code as a server \(420 MB on disk\)$/);
    assert.match(fixOf('network', { ...fresh, npmAnswers: () => false }) ?? '', /npm config set registry/);
    const optional = { missing: ['desktopEditor'] as const, env: { DISPLAY: ':0' } };
    assert.equal(answer('network', optional).ok, true, 'what can be done without is no reason to stop');
  });
});
