import type { Capabilities } from '../../../core/sandbox.ts';

/** What is true of one way of running a virtual machine. */
export interface BackendFacts {
  /** One sentence on what separates the agent from this machine, and on what does not. */
  readonly isolation: string;
  /** Programs inside can connect to what listens on this machine's loopback only. */
  readonly reachesHostLoopback: boolean;
  /** It can halt a virtual machine with its memory. */
  readonly pauses: boolean;
  /** Its disks can be copied while it runs, and be gone back to. */
  readonly snapshots: boolean;
}

const shared = 'It has the internet, without a list of allowed hosts.';

/**
 * No backend's network can be narrowed by the program's command line, so what is not closed by itself is said.
 * QEMU's emulated network answers as 10.0.2.2 with this machine's loopback (`-netdev user`, QEMU's documentation).
 */
const facts: Readonly<Record<string, BackendFacts>> = {
  qemu: {
    isolation: `A microVM of QEMU on this computer. Programs inside can reach services that listen on this computer's loopback, at 10.0.2.2: the emulated network cannot close that. ${shared}`,
    reachesHostLoopback: true,
    pauses: true,
    snapshots: true,
  },
  firecracker: {
    isolation: `A microVM of Firecracker on this computer, on a network interface of its own: services that listen on this computer's loopback only are out of its reach, those on all interfaces are not. ${shared}`,
    reachesHostLoopback: false,
    pauses: true,
    snapshots: false,
  },
  libkrun: {
    isolation: `A microVM of libkrun on this computer. Whether programs inside can reach this computer's loopback could not be tried: take it that they can. ${shared}`,
    reachesHostLoopback: true,
    pauses: false,
    snapshots: false,
  },
};

const unknown: BackendFacts = {
  isolation: `A microVM on this computer, by a backend that Airlock does not know: take it that programs inside can reach this computer's loopback. ${shared}`,
  reachesHostLoopback: true,
  pauses: false,
  snapshots: false,
};

/** Which one it will be is the program's to say: what is weaker counts. */
const undecided: BackendFacts = {
  isolation: `A microVM on this computer. Where SmolVM runs it by QEMU, programs inside can reach services that listen on this computer's loopback, at 10.0.2.2: take it that they can. ${shared}`,
  reachesHostLoopback: true,
  pauses: false,
  snapshots: false,
};

/** Facts of a backend as `info` and the doctor name it; absent: it is not known which one it will be. */
export function backendFacts(backend: string | null | undefined): BackendFacts {
  return backend === undefined || backend === null ? undecided : (facts[backend] ?? unknown);
}

/** What a virtual machine can do, by its backend. */
export function capabilitiesOf(backend: string | null | undefined): Capabilities {
  return {
    isolation: 'local-vm',
    egress: 'open',
    reachesHostLoopback: backendFacts(backend).reachesHostLoopback,
    abort: 'group',
    survivesReload: 'processes',
    terminalReattach: true,
    maxPublished: 0,
    samePlatform: false,
    billed: false,
  };
}
