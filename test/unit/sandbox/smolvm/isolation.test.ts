import assert from 'node:assert/strict';
import { thisMachine } from '../../../../src/host/spawn.ts';
import { smolVmProvider } from '../../../../src/sandbox/smolvm/index.ts';
import { onlyOnLinux } from '../../../support/commands/results.ts';
import { standIn, type StandIn } from '../../../support/smolvm/standIn.ts';

/** What is said before anything crosses: never more than is certain. */
describe('what is said of the walls of microVMs', () => {
  let one: StandIn;
  const never = new AbortController().signal;

  before(function () {
    onlyOnLinux(this);
    one = standIn('smolvm', { '--version': { stdout: 'smolvm 0.0.36\n' } });
  });
  after(() => one.remove());

  /** On a machine that has Firecracker, which the program takes first where it can. */
  const told = async (backend: string | undefined) => {
    const machine = { ...thisMachine(), find: (name: string) => Promise.resolve(`/usr/bin/${name}`) };
    const provider = smolVmProvider({
      machine,
      storage: one.folder,
      path: () => one.program,
      backend: () => backend,
      log: () => undefined,
    });
    const probe = await provider.probe(never);
    return { text: provider.isolation, loopback: probe.ready && probe.caps.reachesHostLoopback };
  };

  for (const backend of [undefined, 'auto', 'qemu', 'libkrun', 'another']) {
    it(`names loopback as open where the backend is ${backend ?? 'not told'}`, async () => {
      const { text, loopback } = await told(backend);
      assert.match(text, /can reach .*loopback|take it that/);
      assert.equal(loopback, true);
    });
  }

  it('names loopback as closed where Firecracker is set', async () => {
    const { text, loopback } = await told('firecracker');
    assert.match(text, /out of its reach/);
    assert.equal(loopback, false);
  });
});
