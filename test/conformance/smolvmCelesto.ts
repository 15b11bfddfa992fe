import { fileURLToPath } from 'node:url';
import { smolvmHarness } from './smolvmHarness.ts';

/** The program under its second name. */
export const harness = smolvmHarness('celesto', fileURLToPath(import.meta.url));
