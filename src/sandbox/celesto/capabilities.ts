import type { Capabilities } from '../../core/sandbox.ts';
import { mostPublished } from './ports.ts';

/** What a hosted computer can do. */
export function capabilities(network: 'open' | 'off' = 'open'): Capabilities {
  return {
    isolation: 'cloud-vm',
    egress: network === 'off' ? 'none' : 'open',
    reachesHostLoopback: false,
    abort: 'group',
    survivesReload: 'processes',
    terminalReattach: true,
    maxPublished: mostPublished,
    samePlatform: false,
    billed: true,
  };
}
