import type { Capabilities } from '../../core/sandbox.ts';
import type { Computer } from './api/client.ts';
import { mostPublished } from './ports.ts';

/** What a hosted computer can do; without one, what it can do as it comes. */
export function capabilities(computer?: Computer): Capabilities {
  return {
    isolation: 'cloud-vm',
    egress: computer?.network_policy?.mode === 'off' ? 'none' : 'open',
    reachesHostLoopback: false,
    abort: 'group',
    survivesReload: 'processes',
    terminalReattach: true,
    maxPublished: mostPublished,
    samePlatform: false,
    billed: true,
  };
}
