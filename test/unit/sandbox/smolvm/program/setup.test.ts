import assert from 'node:assert/strict';
import { thisMachine } from '../../../../../src/host/spawn.ts';
import {
  backendFacts,
  capabilitiesOf,
  diagnose,
  Program,
  setupActions,
} from '../../../../../src/sandbox/smolvm/program/index.ts';
import { installCommand } from '../../../../../src/sandbox/smolvm/program/setup.ts';
import { onlyOnLinux } from '../../../../support/commands/results.ts';
import { envelope, standIn, type StandIn } from '../../../../support/smolvm/standIn.ts';

describe('setting up the program that runs virtual machines', () => {
  let one: StandIn;
  const opened: string[] = [];
  const openTerminal = (title: string, command: string) => Promise.resolve(void opened.push(`${title}: ${command}`));

  before(function () {
    onlyOnLinux(this);
    one = standIn('smolvm', { '--version': { stdout: 'smolvm 0.0.36\n' } });
  });
  after(() => one.remove());
  beforeEach(() => {
    opened.length = 0;
  });

  const having = (...names: string[]) => ({
    find: (name: string) => Promise.resolve(names.includes(name) ? `/bin/${name}` : undefined),
  });

  it('installs with the installer that is there', async () => {
    assert.equal(await installCommand(having('uv', 'pipx')), "uv tool install 'celesto>=0.1.10,<0.2'");
    assert.equal(await installCommand(having('pipx')), "pipx install 'celesto>=0.1.10,<0.2'");
    assert.match(await installCommand(having()), /^python3 -m venv .* && .*pip install 'celesto>=0\.1\.10,<0\.2' && /);
  });

  it('opens a terminal with the exact command, and runs nothing itself', async () => {
    const program = new Program({ machine: thisMachine(), path: () => one.program, log: () => undefined });
    const actions = setupActions(program, openTerminal);
    assert.deepEqual(
      actions.map(({ title }) => title),
      ['Install SmolVM', "Run SmolVM's Doctor"],
    );
    for (const action of actions) await action.run(new AbortController().signal);
    assert.match(opened[0] ?? '', /^Install SmolVM: (uv|pipx|python3) .*celesto/);
    assert.equal(opened[1], `SmolVM's Doctor: ${one.program} doctor`);
    assert.deepEqual(one.calls(), ['--version']);
  });

  it('shows what the doctor finds in its words, the worst first, each with its fix', async () => {
    const checks = [
      { name: 'qemu', status: 'pass', detail: 'qemu-system-x86_64', fix: null },
      { name: 'qemu-version', status: 'warn', detail: '6.0.1 is old', fix: null },
      { name: 'command:ssh', status: 'fail', detail: 'not\nfound', fix: 'apt install openssh-client' },
      { name: 'e2fsprogs', status: 'fail', detail: null, fix: '' },
    ];
    const data = { backend_requested: 'auto', backend_resolved: 'qemu', checks, summary: { failures: 2 } };
    one.answers({
      '--version': { stdout: 'smolvm 0.0.36\n' },
      'doctor --json': { stdout: envelope('doctor', data, null, 1), code: 1 },
    });
    const program = new Program({ machine: thisMachine(), path: () => one.program, log: () => undefined });
    assert.deepEqual(await diagnose(program, 'auto'), {
      backend: 'qemu',
      findings: [
        { fails: true, text: 'command:ssh: not found', fix: 'apt install openssh-client' },
        { fails: true, text: 'e2fsprogs' },
        { fails: false, text: 'qemu-version: 6.0.1 is old' },
      ],
    });
  });

  it('says of each backend what separates, and what a guest can still reach', () => {
    assert.match(backendFacts('qemu').isolation, /can reach services .* loopback/);
    assert.match(backendFacts('firecracker').isolation, /out of its reach/);
    assert.match(backendFacts(undefined).isolation, /loopback.*: take it that they can/);
    const reaching = ['qemu', 'firecracker', 'libkrun', 'something', undefined].map(
      (name) => capabilitiesOf(name).reachesHostLoopback,
    );
    assert.deepEqual(reaching, [true, false, true, true, true]);
  });
});
