import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { seccompFilter, type FilterArchitecture } from '../../../../src/sandbox/process/seccomp.ts';

const audit = { x64: 0xc000003e, arm64: 0xc00000b7 };
const allowed = 0x7fff0000;
const killed = 0x80000000;
const refusedWith = (errno: number) => 0x00050000 + errno;

/** Runs a filter on one system call as the kernel does. */
function ask(
  architecture: FilterArchitecture,
  number: number,
  args: readonly number[] = [],
  as = audit[architecture],
): number {
  const program = seccompFilter(architecture);
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number, 0);
  data.writeUInt32LE(as, 4);
  args.forEach((value, index) => data.writeUInt32LE(value, 16 + index * 8));
  let accumulator = 0;
  for (let at = 0; at < program.length; at += 8) {
    const operation = program.readUInt16LE(at);
    const operand = program.readUInt32LE(at + 4);
    const jump = (is: boolean) => (at += 8 * program.readUInt8(at + (is ? 2 : 3)));
    if (operation === 0x20) accumulator = data.readUInt32LE(operand);
    else if (operation === 0x06) return operand;
    else if (operation === 0x15) jump(accumulator === operand);
    else if (operation === 0x35) jump(accumulator >= operand);
    else if (operation === 0x45) jump((accumulator & operand) !== 0);
    else throw new Error(`unknown operation ${operation}`);
  }
  throw new Error('the filter has no end');
}

describe('the system call filter', () => {
  const calls = {
    x64: { read: 0, mount: 165, unshare: 272, clone: 56, clone3: 435, ioctl: 16, socket: 41, ptrace: 101, bpf: 321 },
    arm64: { read: 63, mount: 40, unshare: 97, clone: 220, clone3: 435, ioctl: 29, socket: 198, ptrace: 117, bpf: 280 },
  };

  for (const architecture of ['x64', 'arm64'] as const) {
    const numbers = calls[architecture];
    describe(architecture, () => {
      it('kills what comes by another architecture', () => {
        assert.equal(ask(architecture, numbers.read, [], 0x40000003), killed);
      });

      it('lets ordinary calls and debuggers through', () => {
        for (const number of [numbers.read, numbers.ptrace]) assert.equal(ask(architecture, number), allowed);
      });

      it('refuses mounts, namespaces and kernel programs', () => {
        for (const number of [numbers.mount, numbers.unshare, numbers.bpf, 425, 428, 442]) {
          assert.equal(ask(architecture, number), refusedWith(1));
        }
      });

      it('lets processes and threads be made, but no namespace', () => {
        assert.equal(ask(architecture, numbers.clone, [0x01200011]), allowed);
        assert.equal(ask(architecture, numbers.clone, [0x003d0f00]), allowed);
        const bits = [0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000];
        for (const bit of bits)
          assert.equal(ask(architecture, numbers.clone, [bit | 17]), refusedWith(1), bit.toString(16));
        assert.equal(ask(architecture, numbers.clone3), refusedWith(38));
      });

      it('refuses terminal injection only', () => {
        assert.equal(ask(architecture, numbers.ioctl, [0, 0x5413]), allowed);
        assert.equal(ask(architecture, numbers.ioctl, [0, 0x5412]), refusedWith(1));
        assert.equal(ask(architecture, numbers.ioctl, [0, 0x541c]), refusedWith(1));
      });

      it('knows four families of sockets', () => {
        const known = Array.from({ length: 50 }, (_, family) => family).filter(
          (family) => ask(architecture, numbers.socket, [family]) === allowed,
        );
        assert.deepEqual(known, [1, 2, 10, 16]);
        assert.equal(ask(architecture, numbers.socket, [40]), refusedWith(97));
      });
    });
  }

  it('shuts the second door of x86_64', () => {
    assert.equal(ask('x64', 0x40000000 + 39), refusedWith(38));
  });
});
