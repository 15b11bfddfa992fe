import type { Capabilities } from '../../core/sandbox.ts';

/**
 * What a microVM can do. The emulated network of QEMU and libkrun leads to this machine's loopback, and neither the
 * program nor anything inside that an agent could not undo closes that; so it is said of all.
 */
export const capabilities: Capabilities = {
  isolation: 'local-vm',
  egress: 'open',
  reachesHostLoopback: true,
  abort: 'group',
  survivesReload: 'processes',
  terminalReattach: true,
  maxPublished: 0,
  samePlatform: false,
  billed: false,
};
