import { celestoHarness, type HostedHarness } from '../../celestoHarness.ts';
import type { CelestoDoubleOptions } from '../../../support/celesto/double.ts';

/** As many sessions at once: each mostly waits. */
const lanes = 3;

/** Harnesses with a double each, so that what happens to one session never happens to another. */
export function laneHarnesses(name: string, options: CelestoDoubleOptions): readonly HostedHarness[] {
  return Array.from({ length: lanes }, (_, lane) => celestoHarness(`${name}_${lane}`, `${name}_${lane}`, options));
}
