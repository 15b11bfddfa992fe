import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { repository } from '../../../support/commands/places.mjs';
import { onlyOnLinux } from '../../../support/commands/results.ts';

const commands = 'test/support/commands';

/** A fresh clone, as far as the commands go, on a machine where whatever could install something only leaves a trace. */
class FreshClone {
  readonly root = mkdtempSync(`${tmpdir()}/airlock-clone-`);
  readonly #trace = `${this.root}/trace`;

  constructor() {
    cpSync(`${repository}/${commands}`, `${this.root}/clone/${commands}`, { recursive: true });
    for (const name of ['package.json', 'package-lock.json']) {
      cpSync(`${repository}/${name}`, `${this.root}/clone/${name}`);
    }
    mkdirSync(`${this.root}/bin`);
    for (const name of ['sudo', 'apt-get', 'apt'])
      this.program(name, `echo ${name} "$@" >> '${this.#trace}'; exit 100`);
  }

  /** Puts a program first in PATH. */
  program(name: string, script: string): void {
    writeFileSync(`${this.root}/bin/${name}`, `#!/bin/sh\n${script}\n`);
    chmodSync(`${this.root}/bin/${name}`, 0o755);
  }

  run(script: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
    const path = `${this.root}/bin:${process.env['PATH'] ?? ''}`;
    const options = { env: { ...process.env, PATH: path, ...env }, encoding: 'utf8' as const };
    return spawnSync(process.execPath, [`${this.root}/clone/${commands}/${script}`, ...args], options);
  }

  /** What was installed or fetched, by whatever way. */
  get traces(): string[] {
    const grown = readdirSync(`${this.root}/clone`).filter((name) => ['node_modules', '.vscode-test'].includes(name));
    return [...grown, ...(existsSync(this.#trace) ? ['trace'] : [])];
  }

  clear(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

describe('the demo on a machine that is not fit', function () {
  this.timeout(240_000);
  let clone: FreshClone;
  before(function () {
    onlyOnLinux(this);
  });
  beforeEach(() => {
    clone = new FreshClone();
  });
  afterEach(() => clone.clear());

  /** Nothing listens there. */
  const noRegistry = { npm_config_registry: 'http://127.0.0.1:9/' };

  const refusals: Readonly<Record<string, RegExp>> = {
    'setting up uid map: Permission denied': /AppArmor blocks[^]*bwrap-userns-restrict/,
    'loopback: Failed RTM_NEWADDR: Operation not permitted': /AppArmor blocks[^]*bwrap-userns-restrict/,
    'Creating new namespace failed: nesting depth or /proc/sys/user/max_*_namespaces exceeded (ENOSPC)':
      /switched off[^]*sysctl -w user\.max_user_namespaces/,
    "Can't mount proc on /newroot/proc: Operation not permitted": /this container forbids[^]*seccomp=unconfined/,
    'something new': /bubblewrap fails: bwrap: something new/,
  };
  for (const [words, says] of Object.entries(refusals)) {
    it(`says what to do about "${words}", and fetches nothing`, () => {
      clone.program('bwrap', `echo "bwrap: ${words}" >&2; exit 1`);
      const run = clone.run('demo.mjs', [], noRegistry);
      assert.equal(run.status, 2);
      assert.match(run.stdout, says);
      assert.deepEqual(clone.traces, []);
    });
  }

  it('says what to do without a network, and fetches nothing', () => {
    const run = clone.run('demo.mjs', ['--headless'], noRegistry);
    assert.equal(run.status, 2);
    assert.match(run.stdout, /no {2}network {2}npm's registry does not answer/);
    assert.match(run.stdout, /To fix network:\n {2}Check the network, or tell npm the way: npm config set proxy/);
    assert.deepEqual(clone.traces, []);
  });

  it('says what to do about a browser that is named and not there', () => {
    const run = clone.run('demo.mjs', ['--headless'], { ...noRegistry, AIRLOCK_CHROMIUM: '/no/chromium' });
    assert.equal(run.status, 2);
    assert.match(run.stdout, /To fix display:\n {2}unset AIRLOCK_CHROMIUM\n/);
    assert.deepEqual(clone.traces, []);
  });

  it('stops where a program is still missing after all, with the command that installs it', () => {
    const program = `import('${clone.root}/clone/${commands}/prepare.ts').then(({ prepare }) => prepare(new Set(['demo'])))
      .then((complete) => process.exit(complete ? 0 : 2))`;
    // Nothing but what pretends to install is on PATH: apt fails where it may be asked at all.
    const env = { ...process.env, PATH: `${clone.root}/bin` };
    const run = spawnSync(process.execPath, ['-e', program], { env, encoding: 'utf8' });
    assert.equal(run.status, 2, run.stderr);
    assert.match(run.stderr, /bwrap is missing\. To install it:\n {2}sudo apt-get install -y bubblewrap/);
  });
});
