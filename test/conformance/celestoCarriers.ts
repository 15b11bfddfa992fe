import { fileURLToPath } from 'node:url';
import type { CelestoDoubleOptions } from '../support/celesto/double.ts';
import { celestoHarness, type HostedHarness } from './celestoHarness.ts';

/** Without them our program inside runs in a shell, which carries no connections. */
export const languages = ['perl', 'python3'];

/** What ports are reached by then: computers that have one of it alone. */
export const carriers: Readonly<Record<string, CelestoDoubleOptions>> = {
  node: { lacks: languages },
  socat: { lacks: [...languages, 'node'] },
  netcat: { lacks: [...languages, 'node', 'socat'] },
  'the netcat of busybox': { lacks: [...languages, 'node'], tools: 'busybox' },
};

/** The Node that a sandbox itself runs by is there for servers, also where none is to be found. */
export const hiddenNode = '/run/airlock/bin/node';

/** Computers whose ports are reached by each of them. */
export const carrierHarnesses: readonly (readonly [name: string, harness: HostedHarness])[] = Object.entries(
  carriers,
).map(([name, options], at) => {
  const harness = celestoHarness(`CARRIER_${at}`, fileURLToPath(import.meta.url), options);
  return [name, { ...harness, node: hiddenNode }];
});
