import { fileURLToPath } from 'node:url';
import type { CelestoDoubleOptions } from '../support/celesto/double.ts';
import { ensureProgram } from '../support/commands/system.mjs';
import { celestoHarness, type HostedHarness } from './celestoHarness.ts';

/** Without them our program inside runs in a shell, which carries no connections. */
export const languages = ['perl', 'python3'];

/** What ports are reached by then: a computer that has it alone, and the program of this machine that it is there by. */
interface Carrier {
  readonly name: string;
  readonly options: CelestoDoubleOptions;
  readonly program?: string;
}

export const carriers: readonly Carrier[] = [
  { name: 'node', options: { lacks: languages } },
  { name: 'socat', options: { lacks: [...languages, 'node'] }, program: 'socat' },
  { name: 'netcat', options: { lacks: [...languages, 'node', 'socat'] }, program: 'nc' },
  { name: 'the netcat of busybox', options: { lacks: [...languages, 'node'], tools: 'busybox' }, program: 'busybox' },
];

/** Why this machine cannot show it, or undefined where it can. */
export async function lacksCarrier({ program }: Carrier): Promise<string | undefined> {
  return program === undefined || (await ensureProgram(program)) !== undefined
    ? undefined
    : `${program} is not installed`;
}

/** The Node that a sandbox itself runs by is there for servers, also where none is to be found. */
export const hiddenNode = '/run/airlock/bin/node';

/** Computers whose ports are reached by each of them. */
export const carrierHarnesses: readonly (readonly [name: string, harness: HostedHarness])[] = carriers.map(
  (carrier, at) => {
    const harness = celestoHarness(`CARRIER_${at}`, fileURLToPath(import.meta.url), carrier.options);
    const unavailable = async () => (await lacksCarrier(carrier)) ?? (await harness.unavailable());
    return [carrier.name, { ...harness, node: hiddenNode, unavailable }];
  },
);
