import type { CelestoDoubleOptions } from '../../support/celesto/double.ts';

/** A service that takes its time to make a computer, so that what is told meanwhile can be seen. */
export const oneSlowThing: CelestoDoubleOptions = { asyncCreate: true, provisionMs: 4000 };
