import assert from 'node:assert/strict';
import { settingsSchema } from '../../../../../src/sandbox/smolvm/program/index.ts';

describe('settings of local virtual machines', () => {
  it('have a default where the program has none of its own', () => {
    assert.deepEqual(settingsSchema.parse({}), {
      os: 'auto',
      backend: 'auto',
      memory: null,
      diskSize: null,
      exposedPorts: [],
      bootTimeout: 120,
    });
  });

  it('take the ends of each range', () => {
    for (const one of [
      { os: 'ubuntu', backend: 'qemu', memory: 128, diskSize: 64, exposedPorts: [1], vmId: 'a', bootTimeout: 10 },
      { os: 'alpine', backend: 'libkrun', memory: 16_384, diskSize: 262_144, exposedPorts: [65_535], bootTimeout: 900 },
      { backend: 'firecracker', vmId: `a${'-'.repeat(62)}b`, deleteOnClose: false },
    ]) {
      assert.equal(settingsSchema.safeParse(one).success, true, JSON.stringify(one));
    }
  });

  for (const [name, value] of [
    ['os', 'windows'],
    ['os', ''],
    ['backend', 'vz'],
    ['memory', 127],
    ['memory', 16_385],
    ['memory', 512.5],
    ['memory', '512'],
    ['diskSize', 63],
    ['diskSize', 262_145],
    ['exposedPorts', [0]],
    ['exposedPorts', [65_536]],
    ['exposedPorts', [80, 80]],
    ['exposedPorts', Array.from({ length: 33 }, (_, at) => at + 1)],
    ['exposedPorts', ['80']],
    ['vmId', '--all'],
    ['vmId', 'A'],
    ['vmId', 'a b'],
    ['vmId', '../a'],
    ['vmId', 'a'.repeat(65)],
    ['deleteOnClose', 'yes'],
    ['bootTimeout', 9],
  ] as const) {
    it(`refuse ${name} ${JSON.stringify(value).slice(0, 40)} by its name`, () => {
      const { error } = settingsSchema.safeParse({ [name]: value });
      assert.equal(error?.issues[0]?.path[0], name);
    });
  }
});
