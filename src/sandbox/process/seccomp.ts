/** Architectures for which the filter can be assembled, as Node names them. */
export type FilterArchitecture = 'x64' | 'arm64';

interface Table {
  /** AUDIT_ARCH_* of linux/audit.h. */
  readonly audit: number;
  /** Numbers from here on are the x32 ABI, a second door to the same calls. */
  readonly secondAbi?: number;
  readonly column: 0 | 1;
}

const tables: Readonly<Record<FilterArchitecture, Table>> = {
  x64: { audit: 0xc000003e, secondAbi: 0x40000000, column: 0 },
  arm64: { audit: 0xc00000b7, column: 1 },
};

/** Refused with EPERM: [x86_64, aarch64], from the kernel's asm/unistd_64.h and asm-generic/unistd.h. */
const refused: Readonly<Record<string, readonly [number, number]>> = {
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  open_tree_attr: [467, 467],
  unshare: [272, 97],
  setns: [308, 268],
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  init_module: [175, 105],
  delete_module: [176, 106],
  finit_module: [313, 273],
  swapon: [167, 224],
  swapoff: [168, 225],
  reboot: [169, 142],
  acct: [163, 89],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  syslog: [103, 116],
  open_by_handle_at: [304, 265],
  pidfd_getfd: [438, 438],
  process_vm_writev: [311, 271],
};
const clone: readonly [number, number] = [56, 220];
const clone3: readonly [number, number] = [435, 435];
const ioctl: readonly [number, number] = [16, 29];
const socket: readonly [number, number] = [41, 198];

/** All CLONE_NEW* bits of linux/sched.h. */
const newNamespaces = 0x7e020080;
const terminalInjection = [0x5412, 0x541c];
/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK. */
const socketFamilies = [1, 2, 10, 16];
const errno = { EPERM: 1, ENOSYS: 38, EAFNOSUPPORT: 97 };

const allow = 0x7fff0000;
const killProcess = 0x80000000;
const refuseWith = (code: number) => 0x00050000 | code;

/** Offsets in struct seccomp_data; arguments are looked at by their low 32 bits (both architectures: little endian). */
const at = { number: 0, architecture: 4, argument: (index: number) => 16 + index * 8 };

const load = (offset: number): Instruction => [0x20, 0, 0, offset];
const answer = (value: number): Instruction => [0x06, 0, 0, value];
const ifEqual = (value: number, yes: number, no: number): Instruction => [0x15, yes, no, value];
const ifAtLeast = (value: number, yes: number, no: number): Instruction => [0x35, yes, no, value];
const ifAnyBit = (mask: number, yes: number, no: number): Instruction => [0x45, yes, no, mask];

/** Operation, jumps when true and false, operand. */
type Instruction = readonly [number, number, number, number];

/**
 * Assembles the system call filter as the kernel and bubblewrap's `--seccomp` take it: struct sock_filter, 8 bytes each.
 * `clone3` is answered "not there", as its flags lie in memory where a filter cannot look; C libraries fall back.
 */
export function seccompFilter(architecture: FilterArchitecture): Buffer {
  const { audit, secondAbi, column } = tables[architecture];
  const program: Instruction[] = [
    load(at.architecture),
    ifEqual(audit, 1, 0),
    answer(killProcess),
    load(at.number),
    ...(secondAbi === undefined ? [] : [ifAtLeast(secondAbi, 0, 1), answer(refuseWith(errno.ENOSYS))]),
    ...Object.values(refused).flatMap((numbers) => onCall(numbers[column], [answer(refuseWith(errno.EPERM))])),
    ...onCall(clone3[column], [answer(refuseWith(errno.ENOSYS))]),
    ...onCall(clone[column], [
      load(at.argument(0)),
      ifAnyBit(newNamespaces, 0, 1),
      answer(refuseWith(errno.EPERM)),
      answer(allow),
    ]),
    ...onCall(ioctl[column], [
      load(at.argument(1)),
      ...terminalInjection.flatMap((request) => [ifEqual(request, 0, 1), answer(refuseWith(errno.EPERM))]),
      answer(allow),
    ]),
    ...onCall(socket[column], [
      load(at.argument(0)),
      ...socketFamilies.flatMap((family) => [ifEqual(family, 0, 1), answer(allow)]),
      answer(refuseWith(errno.EAFNOSUPPORT)),
    ]),
    answer(allow),
  ];
  return encode(program);
}

/** `body` for one system call; every other call passes over it. */
function onCall(number: number, body: readonly Instruction[]): Instruction[] {
  return [ifEqual(number, 0, body.length), ...body];
}

function encode(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach(([operation, yes, no, operand], index) => {
    bytes.writeUInt16LE(operation, index * 8);
    bytes.writeUInt8(yes, index * 8 + 2);
    bytes.writeUInt8(no, index * 8 + 3);
    bytes.writeUInt32LE(operand >>> 0, index * 8 + 4);
  });
  return bytes;
}
