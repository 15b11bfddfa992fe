import assert from 'node:assert/strict';
import type { Machine } from '../../../../../src/core/machine.ts';
import { thisMachine } from '../../../../../src/host/spawn.ts';
import { Program } from '../../../../../src/sandbox/smolvm/program/index.ts';
import { envelope, healthy, standIn, type Answer, type StandIn } from '../../../../support/smolvm/standIn.ts';
import { onlyOnLinux } from '../../../../support/commands/results.ts';

describe('finding the program that runs virtual machines', () => {
  const made: StandIn[] = [];
  const log: string[] = [];

  before(function () {
    onlyOnLinux(this);
  });

  afterEach(() => {
    for (const one of made.splice(0)) one.remove();
    log.length = 0;
  });

  const make = (name: string, table: Readonly<Record<string, Answer>>): StandIn => {
    const one = standIn(name, table);
    made.push(one);
    return one;
  };

  /** A machine on which these programs, and no others, are in PATH. */
  const machineWith = (...programs: readonly StandIn[]): Machine => ({
    ...thisMachine(),
    find: (name) => Promise.resolve(programs.map(({ program }) => program).find((path) => path.endsWith(`/${name}`))),
  });
  const programOn = (machine: Machine, path?: string) =>
    new Program({ machine, log: (line) => log.push(line), ...(path === undefined ? {} : { path: () => path }) });
  const version = (text: string): Answer => ({ stdout: `${text}\n` });

  for (const [name, told] of [
    ['smolvm', 'smolvm 0.0.36'],
    ['smolvm', 'smolvm 0.0.29'],
    ['celesto', 'celesto 0.1.10'],
  ] as const) {
    it(`takes ${told} by its version alone`, async () => {
      const one = make(name, { '--version': version(told) });
      assert.deepEqual(await programOn(machineWith(one)).find(), {
        kind: 'found',
        found: { name, version: told.split(' ')[1], program: one.program },
      });
      assert.deepEqual(one.calls(), ['--version']);
    });
  }

  for (const [name, told] of [
    ['smolvm', 'smolvm 0.0.37'],
    ['smolvm', 'smolvm 0.0.15a0'],
    ['celesto', 'celesto 0.1.2.260926'],
    ['celesto', 'celesto 0.2.0'],
  ] as const) {
    it(`takes ${told}, which it does not know, by its doctor, and says so`, async () => {
      const one = make(name, { '--version': version(told), 'doctor --json': healthy });
      const finding = await programOn(machineWith(one)).find();
      assert.equal(finding.kind, 'found');
      assert.match(finding.note ?? '', new RegExp(`does not know ${told.replaceAll('.', '\\.')}: it was made for`));
    });
  }

  it('refuses an unrelated program of the same name, and finds the right one under its other name', async () => {
    const doctor: Answer = { stderr: "error: unrecognized subcommand 'doctor'\n", code: 2 };
    const namesake = make('smolvm', { '--version': version('smolvm 1.4.2'), doctor });
    const alone = await programOn(machineWith(namesake)).find();
    assert.equal(alone.kind, 'none');
    assert.match(alone.problem.detail, /is another program, not SmolVM/);
    const right = make('celesto', { '--version': version('celesto 0.1.10') });
    const both = await programOn(machineWith(namesake, right)).find();
    assert.equal(both.kind === 'found' && both.found.program, right.program);
  });

  for (const [what, answer] of Object.entries({
    'another version line': version('smolvm version 0.0.36'),
    'a version line with more after it': version('smolvm 0.0.36\nand more'),
    'a failure': { ...version('smolvm 0.0.36'), code: 1 },
    nothing: {},
  } satisfies Record<string, Answer>)) {
    it(`refuses a program that answers with ${what}`, async () => {
      const finding = await programOn(machineWith(make('smolvm', { '--version': answer }))).find();
      assert.equal(finding.kind, 'none');
      assert.equal(finding.problem.id, 'sandbox-unavailable');
      assert.equal(finding.problem.fix, 'open-settings');
    });
  }

  it('takes the program that the setting names, and no other', async () => {
    const inPath = make('smolvm', { '--version': version('smolvm 0.0.36') });
    const named = make('mine', { '--version': version('celesto 0.1.10') });
    const finding = await programOn(machineWith(inPath), named.program).find();
    assert.equal(finding.kind === 'found' && finding.found.program, named.program);
    assert.deepEqual(inPath.calls(), []);
    for (const path of [`${named.folder}/not-there`, 'relative/smolvm']) {
      const none = await programOn(machineWith(inPath), path).find();
      assert.equal(none.kind, 'none', path);
    }
    assert.deepEqual(inPath.calls(), []);
  });

  it('says that there is none', async () => {
    const finding = await programOn(machineWith()).find();
    assert.ok(finding.kind === 'none');
    assert.equal(finding.problem.detail, 'SmolVM is not installed.');
    assert.deepEqual(finding.problem.fixAction, { provider: 'smolvm', id: 'install', title: 'Install SmolVM' });
  });

  it('looks again only where the file has changed', async () => {
    const one = make('smolvm', { '--version': version('smolvm 0.0.36') });
    const program = programOn(machineWith(one));
    await program.find();
    await program.find();
    assert.deepEqual(one.calls(), ['--version']);
    one.answers({ '--version': version('celesto 0.1.10'), more: {} });
    const again = await program.find();
    assert.equal(again.kind === 'found' && again.found.name, 'celesto');
  });

  it('passes neither keys nor tokens, but where state lies; counts of usage are off', async () => {
    const secrets = [
      'OPENAI_API_KEY',
      'CELESTO_API_KEY',
      'SMOLVM_S3_SECRET_ACCESS_KEY',
      'SMOLVM_DATABASE_URL',
      'SSH_AUTH_SOCK',
      'SUDO_USER',
    ];
    const passed = {
      SMOLVM_DATA_DIR: '/some/where',
      CELESTO_IMAGE_DIR: '/else/where',
      https_proxy: 'http://proxy.invalid:1',
    };
    const before = { ...process.env };
    Object.assign(process.env, Object.fromEntries(secrets.map((name) => [name, 'secret'])), passed);
    try {
      const one = make('smolvm', {
        '--version': version('smolvm 0.0.99'),
        doctor: { stdout: envelope('doctor', { checks: [] }) },
      });
      assert.equal((await programOn(machineWith(one)).find()).kind, 'found');
      const seen = one.environment();
      assert.deepEqual(
        secrets.filter((name) => name in seen),
        [],
      );
      for (const [name, value] of Object.entries(passed)) assert.equal(seen[name], value, name);
      assert.equal(seen['HOME'], process.env['HOME']);
      assert.deepEqual(
        [seen['CELESTO_NO_TELEMETRY'], seen['DO_NOT_TRACK'], seen['SMOLVM_NO_KVM_REEXEC']],
        ['1', '1', '1'],
      );
    } finally {
      for (const name of [...secrets, ...Object.keys(passed)]) Reflect.deleteProperty(process.env, name);
      Object.assign(process.env, before);
    }
  });
});
